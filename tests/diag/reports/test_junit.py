"""JUnit XML."""

from pathlib import Path

import xmlschema
from junitparser import Failure, JUnitXml

from diag.reports.junit import Check, Result, render

SCHEMA = Path(__file__).parents[2] / "schemas" / "junit-10.xsd"


def test_each_result_is_counted_as_what_it_is() -> None:
    """The counts are those that a build server shows."""
    checks = [
        Check(name="a", group="g", result="passed"),
        Check(name="b", group="g", result="failed", message="too much", details="more\nlines"),
        Check(name="c", group="g", result="error", message="not measured"),
        Check(name="d", group="g", result="skipped", message="not asked for"),
    ]
    read = JUnitXml.fromstring(render("diag gate", checks).encode())
    assert (read.tests, read.failures, read.errors) == (4, 1, 1)
    (suite,) = read
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (4, 1, 1, 1)
    (failure,) = list(suite)[1].result
    assert isinstance(failure, Failure)
    assert (failure.message, failure.text) == ("too much", "more\nlines")


def test_what_xml_cannot_hold() -> None:
    """Control characters and lone surrogates in names become question marks."""
    check = Check(name="a\x00\x1b", group="\ud800", result="failed", message="<&>\x08")
    read = JUnitXml.fromstring(render("s", [check]).encode())
    (suite,) = read
    (case,) = list(suite)
    assert (case.name, case.classname, case.result[0].message) == ("a??", "?", "<&>?")


def test_it_is_valid() -> None:
    """It follows the schema that build servers read by, with all kinds of results."""
    results: tuple[Result, ...] = ("passed", "failed", "error", "skipped")
    checks = [Check(name=one, group="g", result=one, message="m", details="d") for one in results]
    xmlschema.XMLSchema(SCHEMA).validate(render("s", checks))


def test_nothing_to_check() -> None:
    """An empty suite is one."""
    assert JUnitXml.fromstring(render("s", []).encode()).tests == 0
