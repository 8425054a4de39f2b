"""A variant's docstring explains its fault; its source is the one that was recorded, or it is said."""

from example_runs import recording

from diag.recording import SourceFile
from repro.report import sources

CODE = '''"""What is wrong <b>.

The `break` leaves
the `for` only:

- one
- two `<x>`
"""

import os
'''


def test_the_docstring_becomes_paragraphs_lists_and_code() -> None:
    """Markup in it is escaped."""
    assert str(sources.explanation(CODE)).splitlines() == [
        "<p>What is wrong &lt;b&gt;.</p>",
        "<p>The <code>break</code> leaves the <code>for</code> only:</p>",
        "<ul><li>one</li><li>two <code>&lt;x&gt;</code></li></ul>",
    ]


def test_code_that_explains_nothing() -> None:
    """No docstring, or no Python at all, is no failure."""
    assert sources.explanation("x = 1\n") == ""
    assert sources.explanation("not python") == ""


def test_the_code_begins_after_the_docstring() -> None:
    """Blank lines after it are left out; without a docstring all is code."""
    assert sources.first_line(CODE) == 10
    assert sources.first_line("x = 1\n") == 1
    assert sources.first_line("not python") == 1
    assert sources.first_line('"""Only words."""\n') == 1


def test_sources_are_found_by_name_and_nothing_else_is_read() -> None:
    """A name that is no module's gives nothing."""
    assert "async def view" in (sources.source("buggy") or "")
    assert sources.source("no_such_variant") is None
    assert sources.source("../socket") is None


def test_a_changed_file_is_noticed() -> None:
    """By its size, for a clone has other times; what was not recorded cannot be judged."""
    path = "/elsewhere/repro/server/variants/buggy.py"
    same = recording(sources=(SourceFile(path=path, modified=0, size=len(CODE.encode())),))
    other = recording(sources=(SourceFile(path=path, modified=0, size=1),))
    assert not sources.changed("buggy", CODE, same)
    assert sources.changed("buggy", CODE, other)
    assert not sources.changed("buggy", CODE, recording())
