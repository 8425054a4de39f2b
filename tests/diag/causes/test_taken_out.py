"""Whether code takes a descriptor out of a select at its end."""

import ast

import pytest

from diag.causes.taken_out import results, takes_out, unhandled
from diag.source import own_nodes


def nodes(text: str) -> list[ast.AST]:
    """Parse a text into the nodes of a function."""
    return own_nodes(ast.parse(text))


def test_the_names_of_what_was_read() -> None:
    """Assigned, added, in an expression, or nowhere."""
    text = "a = s.recv(1)\nb += os.read(fd, 1)\nif c := s.readline(): pass\nhandle(s.recv(1))\nread(x)"
    assert [sorted(one.names) for one in results(nodes(text))] == [["a"], ["b"], ["c"], []]


@pytest.mark.parametrize(
    ("text", "leaving", "line"),
    [
        ("d = s.recv(1)\nuse(d)", True, 1),
        ("d = s.recv(1)\nif not d: close(s)", False, None),
        ("d = s.recv(1)\nif not d: return", True, None),
        ("d = s.recv(1)\nif not d: return", False, 1),
        ("d = s.recv(1)\nif d: use(d)", True, 1),
        ("d = s.recv(1)\nif d: use(d)\nelse: sel.unregister(s)", False, None),
        ("d = s.recv(1)\nif not d: del clients[s]", False, None),
        ("d = s.recv(1)\nif not d: self.closed = True", False, None),
        ("if not s.recv(1): s.close()", False, None),
        ("match s.recv(1):\n    case b'': s.close()", False, None),
        ("while d := s.recv(1): use(d)", True, 1),
        ("a = s.recv(1)\nif not a: s.close()\nb = t.recv(1)", False, 3),
        ("use(x)", True, None),
    ],
)
def test_the_first_read_whose_end_is_passed_over(text: str, leaving: bool, line: int | None) -> None:  # noqa: FBT001 - a mode
    """A test of what was read must lead to taking the descriptor out; in a callback, leaving does not."""
    found = unhandled(nodes(text), leaving=leaving)
    assert (found.call.lineno if found else None) == line


def test_what_takes_out() -> None:
    """Functions by their names, `del`, a flag that says that it is over."""
    for text in (
        "sel.unregister(s)",
        "self.handle_close()",
        "del a[0]",
        "self.running = False",
        "loop.remove_reader(s)",
    ):
        assert takes_out(nodes(text), leaving=False)
    for text in ("use(s)", "self.count = 1", "return", "s.send(d)"):
        assert not takes_out(nodes(text), leaving=False)
