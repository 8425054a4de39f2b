"""Selectors."""

import pytest

from repro.kube.selection import field_test, label_test
from repro.kube.status import ApiError


@pytest.mark.parametrize(
    ("selector", "holds"),
    [
        ("", True), ("a=1", True), ("a==1", True), ("a = 1", True), ("a=2", False), ("a!=2", True), ("a!=1", False),
        ("b!=1", True), ("a", True), ("b", False), ("!b", True), ("!a", False), ("a in (1,2)", True), ("a in (2)", False),
        ("a notin (2)", True), ("b notin (1)", True), ("a notin (1, 2)", False), ("a=1,c=", True), ("a=1,b", False),
        ("a in (1,2),x/y=z", True), ("c", True),
    ],
)  # fmt: skip
def test_label_selectors(selector: str, holds: bool) -> None:  # noqa: FBT001 - what is expected
    """Equality, sets and existence, all at once."""
    assert label_test(selector)({"metadata": {"labels": {"a": "1", "c": "", "x/y": "z"}}}) is holds


@pytest.mark.parametrize("selector", ["a b", "a in b", "=1", "a in (1", "a>1 b"])
def test_label_selectors_that_are_none(selector: str) -> None:
    """What cannot be read is 400."""
    with pytest.raises(ApiError, match="unable to parse requirement"):
        label_test(selector)


@pytest.mark.parametrize(
    ("selector", "holds"), [("a.b=1", True), ("a.b!=1", False), ("c=,a.b==1", True), ("c=x", False)]
)
def test_field_selectors(selector: str, holds: bool) -> None:  # noqa: FBT001 - what is expected
    """Fields are compared as text; one that is not there is empty."""
    assert field_test(selector, {"a.b": "", "c": ""})({"a": {"b": 1}}) is holds
