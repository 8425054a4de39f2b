"""The pytest plugin: loaded with every pytest where hotloop is installed, so it imports nothing until a test is checked."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from diag.testing.session import Session

NAME = "hotloop-session"

MARKER = (
    "diag(mode, leaks, spins, settle, ignore, max_empty_turns, max_turns_per_second, max_tasks_created, max_block): "
    "check this test for leaked tasks, threads, connections and processes, and its event loop for spins"
)
_HELP = "check tests for what they leak and for event loops that spin: error, warn or off (marked tests only)"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the settings."""
    group = parser.getgroup("diag", "hotloop: leaks and spins")
    group.addoption("--diag-check", dest="diag_check", default=None, metavar="error|warn|off", help=_HELP)
    parser.addini("diag_check", "the default of --diag-check", default="off")
    parser.addini(
        "diag_ignore", "patterns of tasks, threads and creators that may be left behind", type="linelist"
    )
    for name, meaning in (
        ("settle", "how long what is left may take to go away, such as 500ms"),
        ("max_empty_turns", "empty turns of the event loop that a test may take"),
        ("max_turns_per_second", "turns of the event loop a second"),
        ("max_tasks_created", "tasks that a test may create"),
        ("max_block", "how long one turn of the event loop may take, such as 100ms"),
    ):
        parser.addini(f"diag_{name}", meaning, default="")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and see whether the whole run is to be checked."""
    config.addinivalue_line("markers", MARKER)
    asked = config.getoption("diag_check")
    if (config.getini("diag_check") if asked is None else asked) != "off":
        session_of(config)


def session_of(config: pytest.Config) -> "Session":
    """Give the part of the plugin that checks, which is made when it is first needed."""
    from diag.testing.session import Session

    known = config.pluginmanager.get_plugin(NAME)
    if isinstance(known, Session):
        return known
    made = Session(config)
    config.pluginmanager.register(made, NAME)
    return made


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Read the marker of each test: a wrong option is an error before any test runs."""
    checked = config.pluginmanager.get_plugin(NAME) is not None
    for item in items:
        markers = list(item.iter_markers("diag"))
        if markers or checked:
            session_of(config).take(item, markers)
