"""Findings as text."""

from lint_made import FAULT, checked, outcome, with_comment

from diag.reports.lint_text import render, summary

FULL = """\
app.py:6:17: HL001 the `break` in line 6 leaves only the `for` of line 4; the `while True` of line 2 goes on
  |
2 |     while True:
  |     ---------- goes on
...
4 |         for line in chunk.split(b"\\n"):
  |         ------------------------------ this `for` is left
...
6 |                 break
  |                 ^^^^^
  = Leave the outer loop: `return` instead of `break`, or a flag that is tested
    after the inner loop, or `for ... else: continue` and a second `break`.

Found 1 fault in 1 file.
"""


def test_the_whole_of_a_fault() -> None:
    """The place, the lines involved with what becomes of each, the remedy and the count."""
    assert render(outcome(checked(FAULT))) == FULL


def test_a_line_each() -> None:
    """Without source, for editors and hooks."""
    text = render(outcome(checked(FAULT)), full=False)
    assert text.count("\n") == 2
    assert text.startswith("app.py:6:17: HL001 ")


def test_tabs_are_marked_where_they_are_shown() -> None:
    """The mark stands below its word."""
    lines = render(outcome(checked(FAULT.replace("    ", "\t")))).splitlines()
    at = next(index for index, line in enumerate(lines) if line.endswith("break"))
    assert lines[at].index("break") == lines[at + 1].index("^")


def test_narrow_terminals() -> None:
    """Lines of source are cut, and nothing steers the terminal."""
    text = FAULT.replace("chunk.split(", "'\x1b[31m' + chunk.split(" + "b'" + "x" * 200 + "' or ")
    shown = render(outcome(checked(FAULT.replace('b"\\n"', 'b"' + "x" * 200 + '"'))))
    assert all(len(line) <= 80 for line in shown.splitlines()[1:])
    assert "\x1b" not in render(outcome(checked(text)))


def test_colours() -> None:
    """On a terminal that shows them."""
    assert "\x1b[" in render(outcome(checked(FAULT)), colour=True)


def test_sums() -> None:
    """Faults, warnings, accepted ones, files that could not be checked and notebooks are told apart."""
    assert summary(outcome(checked("x = 1\n"))) == "No faults in 1 file."
    accepted = checked(with_comment(6, "# diag: ignore[HL001] why"))
    assert summary(outcome(accepted, accepted)) == "No faults in 2 files, 2 accepted by a comment."
    unused = checked("x = 1  # diag: ignore[HL001] why\n", "b.py")
    broken = checked(b"\xff", "c.py")
    assert summary(outcome(checked(FAULT), unused, broken, notebooks=2)) == (
        "Found 1 fault and 1 warning in 2 files. 1 file could not be checked, or not in full. 2 notebooks were skipped: only"
        " Python files are read."
    )
