"""JUnit XML: what build servers show as passed and failed tests."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from junitparser import TestCase

Result = Literal["passed", "failed", "error", "skipped"]

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was checked."""

    name: str
    group: str
    """JUnit's class name: what the check belongs to, such as a file."""
    result: Result
    """"failed" where the check says no; "error" where it could not be made."""
    message: str = ""
    """One line."""
    details: str = ""
    """More, in lines; where, among others, for the format has no place for it."""


def render(suite: str, checks: Iterable[Check]) -> str:
    """Write a suite of checks, with the counts of those that failed."""
    from junitparser import JUnitXml, TestSuite

    whole, one = JUnitXml(), TestSuite(_clean(suite))
    one.add_testcases([_case(check) for check in checks])
    whole.add_testsuite(one)
    whole.update_statistics()  # type: ignore[no-untyped-call] # the library leaves it unannotated
    whole._elem.attrib.pop("skipped", None)  # noqa: SLF001 - the schema has it for a suite, not for all of them
    text: str = whole.tostring().decode()  # type: ignore[no-untyped-call] # likewise
    return text if text.endswith("\n") else f"{text}\n"


def _case(check: Check) -> "TestCase":
    from junitparser import Error, Failure, Skipped, TestCase

    case = TestCase(_clean(check.name), classname=_clean(check.group), time=0.0)
    kinds = {"failed": Failure, "error": Error, "skipped": Skipped}
    if kind := kinds.get(check.result):
        said = kind(_clean(check.message), check.result)
        said.text = _clean(check.details or check.message)
        case.result = [said]
    return case


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)
