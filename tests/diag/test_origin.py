"""Frames are told apart by their paths."""

import pytest

from diag.origin import Origin, origin, package


@pytest.mark.parametrize(
    ("file", "expected", "name"),
    [
        ("/home/me/app/server.py", Origin.OWN, ""),
        ("/usr/lib/python3.11/asyncio/base_events.py", Origin.ASYNCIO, "asyncio"),
        ("/opt/python/lib/python3.13t/selectors.py", Origin.ASYNCIO, "selectors"),
        ("/usr/lib/python3.11/json/decoder.py", Origin.LIBRARY, "json"),
        ("/usr/lib/python3/dist-packages/yaml/loader.py", Origin.LIBRARY, "yaml"),
        ("/home/me/.venv/lib/python3.12/site-packages/aiohttp/web.py", Origin.LIBRARY, "aiohttp"),
        ("/home/me/.venv/lib/python3.12/site-packages/six.py", Origin.LIBRARY, "six"),
        ("/usr/lib/python311.zip/asyncio/tasks.py", Origin.ASYNCIO, "asyncio"),
        ("/home/me/hotloop/diag/testing/selectorloop.py", Origin.ASYNCIO, ""),
        ("/home/me/diag/testing/plugin.py", Origin.OWN, ""),
        ("<frozen runpy>", Origin.LIBRARY, "Python"),
        ("", Origin.LIBRARY, "Python"),
    ],
)
def test_a_path_tells_whose_code_it_is(file: str, expected: Origin, name: str) -> None:
    """Own code lies outside the standard library and the installed packages, on any machine."""
    assert origin(file) is expected
    assert package(file) == name


def test_own_parts_of_paths_win() -> None:
    """An installed package can be declared the user's own."""
    file = "/venv/lib/python3.12/site-packages/repro/server/app.py"
    assert origin(file) is Origin.LIBRARY
    assert origin(file, own=("repro/server/",)) is Origin.OWN
