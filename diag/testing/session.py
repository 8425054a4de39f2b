"""The plugin at work: settings of each test, its check, and the verdict in its report."""

import warnings
from collections import Counter
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


class Session:
    """The session's side of the plugin.

    Raises:
        pytest.UsageError: an option that is not known, or has a wrong value.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._hooks = Hooks()
        self._call: pytest.TestReport | None = None
        self._counts: Counter[str] = Counter()
        asked = config.getoption("diag_check")
        where, mode = (
            ("diag_check", config.getini("diag_check")) if asked is None else ("--diag-check", asked)
        )
        given: dict[str, Any] = {name: value for name in _INI if (value := config.getini(f"diag_{name}"))}
        try:
            base = settings({"mode": mode}, Settings(), where)
            self._base = settings(
                {**given, "ignore": config.getini("diag_ignore")}, base, "configuration, diag_"
            )
        except HotloopError as error:
            raise pytest.UsageError(str(error)) from None

    def settings_of(self, item: pytest.Item, markers: list[pytest.Mark]) -> Settings | None:
        """Give how a test is checked; None where it is not.

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
        return None if found.mode == "off" else found

    def run(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a test with its reports held back; None leaves that to another plugin which does so itself."""
        if _reruns(item):
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in runtestprotocol(item, log=False, nextitem=nextitem):
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def begin(self, item: pytest.Item, wanted: Settings) -> None:
        """Begin to check a test."""
        del item
        self._call = None
        self._hooks.begin(wanted)

    def adopt(self) -> None:
        """Take what is there now for a fixture's of wider scope."""
        if self._hooks.check is not None:
            self._hooks.check.adopt()

    def reported(self, item: pytest.Item, report: pytest.TestReport, call: "pytest.CallInfo[None]") -> None:
        """Keep the call's report; judge when the teardown's is there."""
        del call
        if report.when == "call":
            self._call = report
        elif report.when == "teardown":
            check, called = self._hooks.end(), self._call
            self._call = None
            if check is not None and check.found:
                self._judge(item, check, called, report)

    def _judge(
        self, item: pytest.Item, check: Check, called: pytest.TestReport | None, last: pytest.TestReport
    ) -> None:
        found = ordered([one.told() for one in check.found])
        if called is None or (called.skipped and not hasattr(called, "wasxfail")):
            return  # it did not run, or not to its end
        self._count(found)
        if stopped_by_us(called) or (called.passed and check.settings.mode == "error"):
            target = last if "_diag_logged" in vars(called) else called
            fail(target, item, line(found), section(found))
        elif called.failed or check.settings.mode == "error":
            mention(called, section(found))
        else:
            self._warn(item, called, found)

    def _warn(self, item: pytest.Item, called: pytest.TestReport, found: list[Finding]) -> None:
        path, number, name = item.location
        try:
            warnings.warn_explicit(f"{name}: {line(found)}", DiagWarning, str(path), (number or 0) + 1)
        except DiagWarning:  # warnings are errors in this run
            fail(called, item, line(found), section(found))

    def _count(self, found: list[Finding]) -> None:
        for kind in {finding.kind for finding in found}:
            self._counts[kind] += 1

    def summary(self) -> str:
        """Say how many tests have what, in one line; "" if none has."""
        words = {"leak": "leak", "spin": "spin", "blocked": "block", "limit": "go beyond a limit"}
        parts = [
            f"{count} {'test' if count == 1 else 'tests'} {words[kind]}{'s' if count == 1 and kind != 'limit' else ''}"
            for kind, count in sorted(self._counts.items())
        ]
        return f"diag: {', '.join(parts)}" if parts else ""

    def close(self) -> None:
        """Leave everything as it was found."""
        self._hooks.take_off()


def _reruns(item: pytest.Item) -> bool:
    """Whether pytest-rerunfailures runs this test: it holds the reports back as well."""
    plugin: Any = item.config.pluginmanager.get_plugin("rerunfailures")
    return plugin is not None and plugin.get_reruns_count(item) is not None
