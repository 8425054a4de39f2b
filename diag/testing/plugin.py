"""The pytest plugin: loaded with every pytest where hotloop is installed, so it imports nothing until a test is checked."""

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from diag.testing.options import Settings  # noqa: F401 - named in a key
    from diag.testing.session import Session

KEY = pytest.StashKey["Session | None"]()
SETTINGS = pytest.StashKey["Settings | None"]()

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
    """Make the marker known, and see what is asked for."""
    config.addinivalue_line("markers", MARKER)
    asked = config.getoption("diag_check")
    mode = config.getini("diag_check") if asked is None else asked
    config.stash[KEY] = None
    if mode != "off":
        _session(config)


def _session(config: pytest.Config) -> "Session":
    """Give the session's side of the check, made when it is first needed."""
    found = config.stash[KEY]
    if found is None:
        from diag.testing.session import Session

        found = config.stash[KEY] = Session(config)
    return found


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Read the marker of each test: a wrong option is an error before any test runs."""
    for item in items:
        item.stash[SETTINGS] = None
        markers = list(item.iter_markers("diag"))
        if markers or config.stash[KEY] is not None:
            item.stash[SETTINGS] = _session(config).settings_of(item, markers)


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a checked test, and log its reports when its teardown is over: only then is it known what it left."""
    settings = item.stash.get(SETTINGS, None)
    session = item.config.stash.get(KEY, None)
    if settings is None or session is None:
        return None
    return session.run(item, nextitem)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Begin the check."""
    settings = item.stash.get(SETTINGS, None)
    if settings is not None and (session := item.config.stash[KEY]) is not None:
        session.begin(item, settings)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: pytest.FixtureRequest) -> Generator[None, object, object]:
    """Take what a fixture of wider scope starts for its own."""
    result = yield
    if fixturedef.scope != "function" and (session := request.config.stash.get(KEY, None)) is not None:
        session.adopt()
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Judge a test when its teardown is over."""
    report = yield
    session = item.config.stash.get(KEY, None)
    if session is not None and item.stash.get(SETTINGS, None) is not None:
        session.reported(item, report, call)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note which reports are out: those can be changed no more."""
    report.__dict__["_diag_logged"] = True


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many tests leak or spin."""
    session = config.stash.get(KEY, None)
    if session is not None and (text := session.summary()):
        terminalreporter.write_line(text)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave everything as it was found."""
    session = config.stash.get(KEY, None)
    if session is not None:
        session.close()
