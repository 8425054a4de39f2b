"""The shape of a loop."""

import ast
import textwrap

import pytest
from scenes import module

from diag.causes.shape import bound, breaks_of, exits, is_endless, is_rebound, jumps, keyword_of, steps
from diag.source import Loop

LOOP = """
while True:
    if first:
        break
    for item in items:
        if item:
            break
        else:
            return
    else:
        break
    try:
        raise ValueError
    except ValueError as error:
        raise
    match kind:
        case "a" | None:
            continue
        case "b" if ready:
            sys.exit(1)
        case [other]:
            pass
        case _:
            return
    assert done
"""


def loop(text: str = LOOP) -> Loop:
    """Give the first loop of a text."""
    return module(text).functions[0].loops[0]


def way_to(at: int) -> list[str]:
    """Give the conditions on the way to a line."""
    step = next(step for step in steps(loop().node.body) if step.node.lineno == at)
    return [f"{'' if guard.holds else 'not '}{ast.unparse(guard.test)}" for guard in step.way.guards]


def test_what_leaves_a_loop() -> None:
    """Its own `break`, that of an inner loop's `else`, `return`, what is not caught, `assert`, the process's end."""
    assert [step.node.lineno for step in exits(loop())] == [3, 8, 10, 14, 19, 23, 24]


def test_a_break_belongs_to_the_innermost_loop() -> None:
    """Each loop has its own."""
    outer = loop()
    inner = next(node for node in ast.walk(outer.node) if isinstance(node, ast.For))
    assert [step.node.lineno for step in breaks_of(outer.node)] == [3, 10]
    assert [step.node.lineno for step in breaks_of(inner)] == [6]


def test_the_conditions_on_the_way() -> None:
    """Those around, and those whose branch would have gone elsewhere; the cases of a `match` before."""
    assert way_to(3) == ["first"]
    assert way_to(6) == ["not first", "items", "item"]
    assert way_to(8) == ["not first", "items", "not item"]
    assert way_to(19) == ["not first", "not kind == 'a' or kind is None", "kind == 'b' and ready"]
    assert way_to(23)[-2:] == ["not isinstance(kind)", "True"]


def test_what_is_caught_inside_does_not_leave() -> None:
    """By name, by all; what a handler raises itself does."""
    text = """
    while True:
        try:
            raise {raised}
        except {caught}:
            pass
    """
    for raised, caught, leaves in (
        ("ValueError()", "ValueError", False),
        ("ValueError", "(OSError, ValueError)", False),
        ("ValueError", "Exception", False),
        ("ValueError", "OSError", True),
        ("errors.Closed", "errors.Closed", False),
    ):
        found = list(exits(loop(textwrap.dedent(text).format(raised=raised, caught=caught))))
        assert bool(found) is leaves, (raised, caught)


def test_names_that_are_bound() -> None:
    """By assignment, loops, `with`, `except`, `match`, `import`, `del` and walrus; not in functions inside."""
    text = """
    a = b.c = 1
    for d, (e, *f) in x: pass
    with x as g: pass
    try: pass
    except E as h: pass
    match x:
        case [i, *j]: pass
    import k.m, l as n
    del o
    if (p := x): x[q] = 1
    def r():
        s = 1
    """
    assert bound(module(text).tree) == {*"adefghijknop", "b.c"}


@pytest.mark.parametrize(
    ("name", "assigned", "expected"),
    [
        ("self.a.b", "self.a", True),
        ("self.a", "self.a", True),
        ("self.ab", "self.a", False),
        ("self", "self.a", False),
    ],
)
def test_an_assignment_changes_what_begins_with_it(name: str, assigned: str, expected: bool) -> None:  # noqa: FBT001 - the other half of a table
    """`self.a = ...` makes `self.a.b` another."""
    assert is_rebound(name, [assigned]) is expected


@pytest.mark.parametrize(
    ("head", "keyword", "endless"),
    [
        ("while True", "while True", True),
        ("while 1", "while True", True),
        ("while not False", "while", True),
        ("while x", "while", False),
        ("for x in y", "for", False),
    ],
)
def test_kinds_of_loops(head: str, keyword: str, endless: bool) -> None:  # noqa: FBT001 - the other half of a table
    """What a message calls them, and whether their test can end them."""
    found = loop(f"{head}:\n    pass\n")
    assert keyword_of(found.node) == keyword
    assert is_endless(found) is endless


def test_what_never_runs_on() -> None:
    """The last statement decides."""
    bodies = {text: ast.parse(f"while x:\n {text}").body[0] for text in ("break", "continue", "raise", "y")}
    assert {text: jumps(node.body) for text, node in bodies.items() if isinstance(node, ast.While)} == {
        "break": True,
        "continue": True,
        "raise": True,
        "y": False,
    }
