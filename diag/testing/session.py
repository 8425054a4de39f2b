"""The plugin at work: settings of each test, its check, and the verdict in its report."""

import warnings
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from diag.errors import HotloopError
from diag.testing.check import Check
from diag.testing.findings import Finding, line, ordered, section
from diag.testing.hooks import Hooks
from diag.testing.options import Settings, settings
from diag.testing.verdict import fail, mention, stopped_by_us
from diag.testing.warning import DiagWarning

_INI = ("settle", "max_empty_turns", "max_turns_per_second", "max_tasks_created", "max_block")
_WORDS = {"leak": "leak", "spin": "spin", "blocked": "block", "limit": "go beyond a limit"}
_ONE = {"leak": "leaks", "spin": "spins", "blocked": "blocks", "limit": "goes beyond a limit"}

_SETTINGS = pytest.StashKey[Settings]()


class Session:
    """The hooks that are there where tests are checked.

    Raises:
        pytest.UsageError: an option that is not known, or has a wrong value.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._hooks = Hooks()
        self._call: pytest.TestReport | None = None
        self._logged = False
        """Whether the call's report is out already, and can be changed no more."""
        self._counts: Counter[str] = Counter()
        asked = config.getoption("diag_check")
        where, mode = (
            ("diag_check", config.getini("diag_check")) if asked is None else ("--diag-check", asked)
        )
        given: dict[str, Any] = {name: value for name in _INI if (value := config.getini(f"diag_{name}"))}
        try:
            base = settings({"mode": mode}, Settings(), where)
            self._base = settings(
                {**given, "ignore": config.getini("diag_ignore")}, base, "configuration: diag_*"
            )
        except HotloopError as error:
            raise pytest.UsageError(str(error)) from None

    def take(self, item: pytest.Item, markers: list[pytest.Mark]) -> None:
        """Read how a test is to be checked.

        A marker turns the check on, as an error, where the whole run's is off; the nearest marker's options hold.
        """
        found = self._base
        if markers and found.mode == "off":
            found = settings({"mode": "error"}, found, "")
        for marker in reversed(markers):
            where = f"{item.nodeid}: @pytest.mark.diag"
            if marker.args:
                raise pytest.UsageError(f'{where}: its options have names, such as max_block="100ms"')
            try:
                found = settings(marker.kwargs, found, where)
            except HotloopError as error:
                raise pytest.UsageError(str(error)) from None
        if found.mode != "off":
            item.stash[_SETTINGS] = found

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a checked test, and log its reports when its teardown is over: only then is it known what it left."""
        if _SETTINGS not in item.stash or _reruns(item):
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Begin the check."""
        self._call, self._logged = None, False
        if _SETTINGS in item.stash:
            self._hooks.begin(item.stash[_SETTINGS])
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, object, object]:
        """Take what a fixture of wider scope starts for its own."""
        result = yield
        if fixturedef.scope != "function" and self._hooks.check is not None:
            self._hooks.check.adopt()
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the call's report, and judge when the teardown's is there."""
        report = yield
        if report.when == "call":
            self._call = report
        elif report.when == "teardown" and (check := self._hooks.end()) is not None and check.found:
            self._judge(item, check, self._call, report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note that a report is out."""
        self._logged = self._logged or report is self._call

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say how many tests leak or spin."""
        counts = sorted(self._counts.items())
        parts = [
            f"1 test {_ONE[kind]}" if count == 1 else f"{count} tests {_WORDS[kind]}"
            for kind, count in counts
        ]
        if parts:
            terminalreporter.write_line(f"diag: {', '.join(parts)}")

    def pytest_unconfigure(self) -> None:
        """Leave everything as it was found."""
        self._hooks.take_off()

    def _judge(
        self, item: pytest.Item, check: Check, called: pytest.TestReport | None, last: pytest.TestReport
    ) -> None:
        if called is None or (called.skipped and not hasattr(called, "wasxfail")):
            return  # it did not run, or not to its end
        found = ordered([one.told() for one in check.found])
        self._counts.update({finding.kind for finding in found})
        error = check.settings.mode == "error"
        if stopped_by_us(called) or (called.passed and error):
            fail(last if self._logged else called, item, line(found), section(found))
        elif called.failed or error:
            mention(called, section(found))
        else:
            _warn(item, called, found)


def _warn(item: pytest.Item, called: pytest.TestReport, found: list[Finding]) -> None:
    path, number, name = item.location
    try:
        warnings.warn_explicit(f"{name}: {line(found)}", DiagWarning, str(path), (number or 0) + 1)
    except DiagWarning:  # warnings are errors in this run
        fail(called, item, line(found), section(found))


def _reruns(item: pytest.Item) -> bool:
    """Whether pytest-rerunfailures runs this test: it holds the reports back as well."""
    known = item.config.pluginmanager
    plugin: Any = known.get_plugin("rerunfailures") or known.get_plugin("pytest_rerunfailures")
    return plugin is not None and plugin.get_reruns_count(item) is not None
