"""Programs given as source, and the calls, threads and event loops of them that a look sees; no process runs them."""

import textwrap
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diag.recording import SourceFile, Value

APP = "/srv/app.py"
LIBRARY = "/usr/lib/python3.12"
PACKAGES = "/srv/venv/lib/python3.12/site-packages"
STARTED = 1.7e9
PID = 7


@dataclass(frozen=True)
class Thing:
    """An object that is none of Python's own data."""

    type: str
    text: str = ""
    size: int | None = None
    identity: int = 0
    attributes: Mapping[str, object] = field(default_factory=dict)


def thing(kind: str, text: str = "", **attributes: object) -> Thing:
    """Make an object with attributes."""
    return Thing(kind, text, attributes=attributes)


def future(state: str = "finished", identity: int = 1) -> Thing:
    """Make a future; another identity is another one."""
    return Thing("_asyncio.Future", state, identity=identity)


@dataclass(frozen=True)
class At:
    """A call at one of its lines."""

    function: str
    line: int
    file: str = APP
    coroutine: int = 0
    """What it is the frame of; 0 for the call of a plain function."""
    variables: Mapping[str, object] = field(default_factory=dict)


class Program:
    """A source text whose lines are named by a comment at their end."""

    def __init__(self, text: str, file: str = APP, package: str = "") -> None:
        self.text = textwrap.dedent(text).lstrip("\n")
        self.file = file
        self.package = package

    def line(self, name: str) -> int:
        """Give the line whose comment is that name."""
        lines = [n for n, line in enumerate(self.text.splitlines(), 1) if line.endswith(f"# {name}")]
        assert len(lines) == 1, f"{len(lines)} lines end in {name!r}"
        return lines[0]

    def at(self, function: str, name: str, coroutine: int = 0, **variables: object) -> At:
        """Make a call of a function at a line; `self__x` is the attribute `x` of the variable `self`."""
        return At(function, self.line(name), self.file, coroutine, variables)

    @property
    def source(self) -> SourceFile:
        """The file, older than the process."""
        return SourceFile(
            path=self.file,
            modified=STARTED - 1000,
            size=len(self.text),
            package=self.package,
            text=self.text,
        )


def standard(function: str, file: str, line: int = 1, coroutine: int = 0, **variables: object) -> At:
    """Make a call of a function of the standard library."""
    return At(function, line, f"{LIBRARY}/{file}", coroutine, variables)


RUNNER = (
    At("<module>", 900),
    standard("run", "asyncio/runners.py", 194),
    standard("BaseEventLoop.run_forever", "asyncio/base_events.py", 640),
    standard("BaseEventLoop._run_once", "asyncio/base_events.py", 1900),
)
HANDLE = standard("Handle._run", "asyncio/events.py", 88)
SELECT = standard("EpollSelector.select", "selectors.py", 468)
SLEEP0 = standard("__sleep0", "asyncio/tasks.py", 700)


@dataclass(frozen=True)
class Waiting:
    """Something in an event loop's ready queue."""

    callback: str
    calls: tuple[At, ...] = ()
    task: int = 0


@dataclass(frozen=True)
class Strand:
    """A thread at a look, with the event loop that it runs."""

    calls: tuple[At, ...]
    state: str = "R"
    number: int = PID
    loop: bool = False
    operations: int | None = None
    """Callbacks that the loop has run, twice; None if unknown."""
    ready: tuple[Waiting, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    """Tasks that were at work at looks before, and wait at this one."""
    overdue: float = 0.0


def thread(*calls: At, state: str = "R", number: int = PID) -> Strand:
    """Make a thread without an event loop."""
    return Strand((At("<module>", 900), *calls), state, number)


def turn(*calls: At, **details: Any) -> Strand:  # noqa: ANN401 - any field of a Strand
    """Make a thread whose event loop runs these calls, or only itself where there are none."""
    below = (HANDLE, *calls) if calls else ()
    return Strand((*RUNNER, *below), loop=True, **details)


def resting(**details: Any) -> Strand:  # noqa: ANN401 - any field of a Strand
    """Make a thread whose event loop waits for I/O."""
    return Strand((*RUNNER, SELECT), loop=True, **({"state": "S"} | details))


def task(*calls: At) -> Waiting:
    """Make a task that is ready, by its suspended coroutines."""
    return Waiting("TaskStepMethWrapper", calls, task=calls[0].coroutine)


def plain(given: object) -> Value:
    """Describe a value of Python's own data as it is read from memory."""
    sized = isinstance(given, str | bytes | list | tuple | dict | set)
    return Value(
        type=type(given).__name__,
        size=len(given) if isinstance(given, str | bytes | list | tuple | dict | set) else None,
        text="" if sized else str(given),
        digest=zlib.crc32(repr(given).encode()),
    )
