"""What a cause is: a pattern in source, the measured facts that it must agree with, and the words for it."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from diag.source import Function, Loop, Module

Behaviour = Literal["empty", "constant", "counting", "changing"]
"""How a variable behaved over the snapshots: always empty (b"", "", None, no items, a closed message); one content;
a number that only grows (or falls); anything else."""

Waits = Literal["never", "nothing", "settled", "timeout", "io", "unknown"]
"""What a turn of the hot loop waits for: it never suspends; it suspends for a turn of the event loop and nothing else
(`sleep(0)`); for a future that is done already; for a wait or select that is over at once; for I/O that answers at
once; or that is not known."""


@dataclass(frozen=True, kw_only=True)
class Variable:
    """What was seen of a variable in the hot function."""

    behaviour: Behaviour
    types: tuple[str, ...]
    """Names of the types that it had."""
    text: str = ""
    """Its value, if constant and short."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was measured around the culprit; the defaults stand for "not known"."""

    verdicts: frozenset[str] = frozenset()
    frozen: bool = False
    """The event loop does not turn."""
    on_event_loop: bool = False
    """The culprit runs on an event loop's thread, below its plumbing."""
    waits: Waits = "unknown"
    variables: Mapping[str, Variable] = field(default_factory=dict)
    """Of the hot function: locals as `line`, attributes as `self.closed` or `msg.type`."""
    returned: Mapping[str, Variable] = field(default_factory=dict)
    """Locals of the functions that the loop calls, as `readline.line`."""
    raised: tuple[str, ...] = ()
    """Types of the exceptions that were in flight inside the loop."""
    called: tuple[str, ...] = ()
    """Names of the functions seen running directly or indirectly below the loop, the most frequent first."""
    lines: frozenset[int] = frozenset()
    """Lines of the hot function that were seen."""
    settled: tuple[str, ...] = ()
    """Names of variables of the hot function that are, or hold, futures that are done."""
    callbacks: tuple[str, ...] = ()
    """Callbacks that were in the ready queue of the event loop at most looks."""
    created_per_second: float | None = None
    """Tasks made a second."""
    growth_per_second: float | None = None
    """Growth of live tasks."""
    growing: tuple[str, ...] = ()
    """Coroutines whose live tasks grow, the most first."""
    connections_per_second: float | None = None
    """Connections made or tried a second."""
    bytes_per_second: float | None = None
    """Payload over TCP connections, both ways, together with what was read and written otherwise."""
    held: float | None = None
    """Longest time in seconds that one call was seen to hold the thread."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The source around a culprit."""

    module: Module
    function: Function
    loop: Loop | None
    """The hot loop; None where the function has none (a callback that reschedules itself, one long call)."""
    line: int
    """The line seen most."""
    inner: tuple[tuple[Module, Function], ...] = ()
    """Functions that were seen running below the loop and whose source is known, the nearest first."""
    outer: tuple[tuple[Module, Function, int], ...] = ()
    """The callers of the function, the nearest first, with the line of the call."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A pattern found at a place."""

    line: int
    """The line at fault."""
    lines: tuple[int, ...]
    """All lines involved, the one at fault included, in ascending order."""
    message: str
    """A sentence that names the lines involved."""
    names: tuple[str, ...] = ()
    """Variables, functions or attributes that the pattern is about, for `agrees` to look up."""
    file: str = ""
    """Where that is not the scene's own module."""
    idle: tuple[int, ...] = ()
    """Lines that do not run where the pattern is at fault: if they are seen, it is not."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    """An entry of the catalogue."""

    code: str
    name: str
    summary: str
    """One sentence: what the fault is."""
    remedy: str
    """What to do, in the imperative."""
    find: Callable[[Scene], Match | None]
    """The pattern: source only."""
    agrees: Callable[[Match, Facts], float]
    """How well the measured facts agree with the match: 0 contradicts or does not support it, up to 1."""


def node_lines(*nodes: ast.stmt | ast.expr | ast.excepthandler) -> tuple[int, ...]:
    """Give the first lines of nodes, ascending, each once."""
    return tuple(sorted({node.lineno for node in nodes}))
