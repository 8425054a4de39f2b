"""The verdict in a test's report: a failure of the call, or a section beside its own exception."""

from typing import Any

import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from diag.testing.stopping import Stopped


def fail(report: pytest.TestReport, item: pytest.Item, line: str, section: str) -> None:
    """Make a report a failure: one line and a section; an expected one where the test is expected to fail."""
    if hasattr(report, "wasxfail"):
        report.outcome = "skipped"  # as for any other failure of such a test
        return
    path, number, _ = item.location
    text = ReprTraceback([ReprEntryNative([f"{line}\n"])], None, "native")
    report.outcome = "failed"
    report.longrepr = ReprExceptionInfo(
        reprtraceback=text, reprcrash=ReprFileLocation(str(path), (number or 0) + 1, line)
    )
    report.longrepr.addsection("diag", section, "-")


def mention(report: pytest.TestReport, section: str) -> None:
    """Add a section to a failure of the test's own."""
    longrepr: Any = report.longrepr
    if hasattr(longrepr, "addsection"):
        longrepr.addsection("diag", section, "-")
    else:
        report.sections.append(("diag", section))


def stopped_by_us(report: pytest.TestReport) -> bool:
    """Whether a test failed with the exception that the check stopped it with."""
    crash = getattr(report.longrepr, "reprcrash", None)
    name = f"{Stopped.__module__}.{Stopped.__qualname__}"
    return report.failed and crash is not None and crash.message.startswith((name, Stopped.__qualname__))
