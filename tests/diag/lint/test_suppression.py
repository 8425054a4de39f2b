"""Comments that accept findings."""

import pytest
from lint_made import FAULT, checked, codes, with_comment

from diag.lint.suppression import ignores


@pytest.mark.parametrize("line", [2, 4, 6])
def test_on_each_line_involved(line: int) -> None:
    """At the `break` or at one of its loops, with the reason behind it."""
    file = checked(with_comment(line, "# diag: ignore[HL001] the peer never closes"))
    assert [one.ignored for one in file.findings] == ["the peer never closes"]


@pytest.mark.parametrize("line", [1, 3, 5, 7])
def test_elsewhere_it_accepts_nothing(line: int) -> None:
    """The fault stands, and the comment is told to be unused."""
    assert sorted(codes(checked(with_comment(line, "# diag: ignore[HL001] why")))) == ["HL001", "HL902"]


def test_several_codes() -> None:
    """Of those, one that was not looked for is not unused."""
    file = checked(with_comment(6, "# diag: ignore[hl001, HL004]: both, for a reason"))
    assert [one.ignored for one in file.findings] == ["both, for a reason"]


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("# diag: ignore[HL001]", ["HL901"]),
        ("# diag: ignore[HL001] --", ["HL901"]),
        ("# diag: ignore", ["HL001", "HL903"]),
        ("# diag: ignore because I say so", ["HL001", "HL903"]),
        ("# diag: ignore[] why", ["HL001", "HL903"]),
        ("# diag: ignore[HL01] why", ["HL001", "HL903"]),
        ("# noqa  # diag: ignore[HL001] why", []),
        ("# diag:ignore[HL001] why  # noqa", []),
    ],
)
def test_comments_that_are_not_as_they_should_be(comment: str, found: list[str]) -> None:
    """No reason, no code, no such code: each is found, and only a known code accepts."""
    assert sorted(codes(checked(with_comment(6, comment)))) == found


def test_an_unused_one_is_a_warning() -> None:
    """It fails no build; the others do."""
    (unused,) = checked("x = 1  # diag: ignore[HL001] why\n").findings
    (unknown,) = checked("x = 1  # diag: ignore[HL999] why\n").findings
    assert (unused.code, unused.level) == ("HL902", "warning")
    assert (unknown.code, unknown.level) == ("HL903", "error")


def test_only_comments_count() -> None:
    """What looks like one in a text is none."""
    assert ignores('x = "# diag: ignore[HL001] why"\n"""\n# diag: ignore\n"""\n') == []


def test_a_head_of_several_lines() -> None:
    """The last line of the head is one of its lines."""
    text = FAULT.replace("chunk.split(b", "chunk.split(\n            b")
    file = checked(with_comment(5, "# diag: ignore[HL001] why", text))
    assert [one.ignored for one in file.findings] == ["why"]
