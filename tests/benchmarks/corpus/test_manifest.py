"""Manifests of a corpus."""

from pathlib import Path

import pytest

from benchmarks.corpus.manifest import Place, load
from diag.errors import HotloopError

OWN = Path(__file__).parents[2] / "live" / "targets"


@pytest.mark.parametrize(
    ("text", "function", "file"),
    [
        ("consume (app.py)", "consume", "/srv/app.py"),
        ("Client._read_loop (nats/aio/client.py)", "_read_loop", "/venv/nats/aio/client.py"),
        ("poll / loop (waitress/wasyncore.py)", "loop", "/venv/waitress/wasyncore.py"),
        (
            "A.readline/readuntil (asyncio/streams.py)",
            "StreamReader.readuntil",
            "/usr/lib/asyncio/streams.py",
        ),
        ("writable (waitress/server.py, channel.py)", "HTTPChannel.writable", "/venv/waitress/channel.py"),
        ("pump (<string>)", "pump", "<string>"),
    ],
)
def test_place_is_meant(text: str, function: str, file: str) -> None:
    """A place names functions by their last part, and files by the end of their path."""
    assert Place.parse(text).matches(function, file)


@pytest.mark.parametrize(
    ("function", "file"),
    [("consumer", "/srv/app.py"), ("consume", "/srv/webapp.py"), ("consume", "/srv/other.py")],
)
def test_other_place_is_not_meant(function: str, file: str) -> None:
    """Neither another function nor a file whose name only ends alike is meant."""
    assert not Place.parse("consume (app.py)").matches(function, file)


def test_place_without_file_is_refused() -> None:
    """A place must name a file."""
    with pytest.raises(HotloopError, match="is no place"):
        Place.parse("consume")


def test_own_manifest_is_whole() -> None:
    """Each of our cases has a script; each sick one has a place that can be read, and a twin."""
    corpus = load(OWN)
    for case in corpus.cases:
        assert (corpus.folder / case.script).exists(), case.name
        if case.expect != "healthy":
            assert Place.parse(case.expect_function).functions, case.name
            assert case.twin is not None, case.name
    assert len({case.name for case in corpus.cases}) == len(corpus.cases)


def test_every_script_is_in_the_manifest() -> None:
    """No case is forgotten."""
    corpus = load(OWN)
    scripts = {f"cases/{path.name}" for path in (OWN / "cases").glob("*.py")}
    assert scripts - {case.script for case in corpus.cases} == {"cases/lifetime.py"}


def test_causes_are_added(tmp_path: Path) -> None:
    """Where a manifest names no cause, ours is taken."""
    row = '{"name": "a", "script": "a.py", "python": "3.11", "expect": "spin"}'
    (tmp_path / "manifest.json").write_text(f"[{row}]")
    (case,) = load(tmp_path, {"a": ("HL002",)}).cases
    assert case.cause == ("HL002",)


@pytest.mark.parametrize(("text", "says"), [(None, "cannot be read"), ("[1]", "no manifest")])
def test_bad_manifest_is_told(tmp_path: Path, text: str | None, says: str) -> None:
    """A manifest that is not there or not one is told in a sentence."""
    if text is not None:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(HotloopError, match=says):
        load(tmp_path)
