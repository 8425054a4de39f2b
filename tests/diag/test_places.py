"""Places in the source, as a diagnosis names them."""

from collections import Counter

from made_recordings import recording

from diag.evidence.looks import Call
from diag.places import AROUND, MOST, changed, excerpt, user_frame
from diag.recording import SourceFile
from diag.source import parse

MODULE = parse("".join(f"line_{number} = {number}\n" for number in range(1, 100)), "/srv/app.py")


def modified(after: float) -> SourceFile:
    """Make a file that was changed so many seconds after the process had started."""
    return SourceFile(path="/srv/app.py", modified=recording().target.created + after, size=1)


def call(file: str, line: int) -> Call:
    """Make a call."""
    return Call("f", file, line, 0, {})


def test_a_file_changed_later_is_told() -> None:
    """One that a deployment wrote just before it started the process is not: a start is known to two seconds."""
    assert not changed(None, recording())
    assert not changed(modified(-1000), recording())
    assert not changed(modified(1.9), recording())
    assert changed(modified(2.1), recording())


def test_an_excerpt_has_the_span_and_some_lines_around() -> None:
    """Each line with its share of what the lines of the span had."""
    lines = excerpt(MODULE, (10, 12), Counter({10: 30, 12: 10, 50: 99}))
    assert [line.line for line in lines] == list(range(10 - AROUND, 12 + AROUND + 1))
    assert {line.line: line.share for line in lines if line.share} == {10: 0.75, 12: 0.25}
    assert lines[0].text == "line_7 = 7"


def test_an_excerpt_ends_with_the_file_and_is_not_long() -> None:
    """A loop at the beginning or the end has fewer lines around it, a long one is cut."""
    assert [line.line for line in excerpt(MODULE, (1, 1), Counter())] == [1, 2, 3, 4]
    assert [line.line for line in excerpt(MODULE, (99, 99), Counter())] == [96, 97, 98, 99]
    assert len(excerpt(MODULE, (1, 99), Counter())) == MOST
    assert excerpt(None, (1, 99), Counter()) == ()


def test_the_users_frame_is_the_innermost_of_their_own_code() -> None:
    """Packages, the standard library and what has no file lie below it."""
    library = "/usr/lib/python3.11/asyncio/streams.py"
    package = "/venv/lib/python3.11/site-packages/aiohttp/web.py"
    found = user_frame([call("/srv/main.py", 1), call("/srv/app.py", 2), call(package, 3), call(library, 4)])
    assert found is not None
    assert (found.file, found.line) == ("/srv/app.py", 2)
    assert user_frame([call(package, 3), call("<frozen runpy>", 4)]) is None
