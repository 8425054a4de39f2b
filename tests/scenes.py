"""Scenes and facts made by hand: the source around a culprit and what was measured there."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from diag.causes.cause import Behaviour, Cause, Facts, Match, Scene, Variable
from diag.source import Function, Module, parse


def module(text: str, file: str = "app.py") -> Module:
    """Parse a text, indented or not."""
    found = parse(textwrap.dedent(text).lstrip("\n"), file)
    assert found is not None, "no Python"
    return found


def scene(
    text: str,
    *,
    marker: str = "# hot",
    inner: Sequence[str | tuple[str, str]] = (),
    outer: Sequence[str] = (),
    file: str = "app.py",
) -> Scene:
    """Make the scene around the line that ends in the marker: its function, and the innermost loop around it.

    Args:
        text: the module's source, indented or not; its first line is line 1 even where the text begins with a newline.
        marker: the comment at the hot line; once in the text.
        inner: functions that were seen running below the loop, the nearest first: qualified names in the text, or
            pairs of another module's text and a name in it.
        outer: callers, the nearest first: qualified names in the text; the line of the call ends in `# call` (within that
            function).
        file: name of the module.
    """
    here = module(text, file)
    line = line_of(here, marker)
    function = here.function_at(line)
    loops = function.loops_at(line)
    return Scene(
        module=here,
        function=function,
        loop=loops[-1] if loops else None,
        line=line,
        inner=tuple(_inner(here, entry) for entry in inner),
        outer=tuple((here, caller := named(here, name), line_of(here, "# call", caller)) for name in outer),
    )


def facts(
    *,
    variables: Mapping[str, Behaviour | Variable] | None = None,
    returned: Mapping[str, Behaviour | Variable] | None = None,
    **others: Any,  # noqa: ANN401 - any field of Facts
) -> Facts:
    """Make facts; a variable can be given as the word for its behaviour alone."""
    return Facts(variables=_variables(variables or {}), returned=_variables(returned or {}), **others)


def judged(cause: Cause, here: Scene, measured: Facts | None = None) -> float:
    """Give how far a cause holds in a scene; 0 where its pattern is not there."""
    found = cause.find(here)
    return 0.0 if found is None else cause.agrees(found, measured or Facts())


def found(cause: Cause, here: Scene) -> Match:
    """Give the match, which must be there."""
    match = cause.find(here)
    assert match is not None, "the pattern was not found"
    return match


def named(here: Module, name: str) -> Function:
    """Give the function of that qualified name."""
    return next(function for function in here.functions if function.name == name)


def line_of(here: Module, marker: str, function: Function | None = None) -> int:
    """Give the line that ends in the marker, in the module or one function of it."""
    first = getattr(function.node, "lineno", 1) if function else 1
    last = (getattr(function.node, "end_lineno", None) if function else None) or len(here.lines)
    lines = [at for at in range(first, last + 1) if here.lines[at - 1].rstrip().endswith(marker)]
    assert len(lines) == 1, f"{len(lines)} lines end in {marker!r}"
    return lines[0]


def _inner(here: Module, entry: str | tuple[str, str]) -> tuple[Module, Function]:
    if isinstance(entry, str):
        return here, named(here, entry)
    other = module(entry[0], "library.py")
    return other, named(other, entry[1])


def _variables(given: Mapping[str, Behaviour | Variable]) -> dict[str, Variable]:
    return {
        name: value if isinstance(value, Variable) else Variable(behaviour=value, types=())
        for name, value in given.items()
    }
