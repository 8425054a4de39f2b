"""Snapshots: threads, their calls with variables, and event loops, read from a running process's memory.

The process is not stopped, written to or injected into. See docs/snapshots.md for what that can and cannot tell.
"""

import time
from collections import Counter
from collections.abc import Callable

from diag.collectors.awaits import Awaits
from diag.collectors.callbacks import Callback
from diag.collectors.calls import Calls
from diag.collectors.codes import Codes
from diag.collectors.contents import Contents
from diag.collectors.cpython import identify
from diag.collectors.frames import Call, Frames
from diag.collectors.functions import Functions
from diag.collectors.loops import Loops, Queue
from diag.collectors.memory import ProcessMemory
from diag.collectors.peek import Ahead, Peek, Torn
from diag.collectors.runtime import Runtime
from diag.collectors.threads import RUNNING, Threads, Visit
from diag.collectors.values import Values, Variables
from diag.recording import (
    Frame,
    LoopSnapshot,
    Ready,
    Snapshot,
    SnapshotFrame,
    Snapshots,
    ThreadSnapshot,
)

MOST_DETAILED = 16
"""Threads whose variables are read in a look: those on a core, with an event loop, or that ran since the last one."""

MOST_FRAMES = 64
"""Innermost calls of a thread whose variables are read."""

MOST_DETAILED_READY = 4
"""Ready tasks of an event loop whose variables are read."""

BUDGET = 0.005
FIRST_BUDGET = 0.02
"""Seconds of CPU for a look, and for the first one, above which no more variables are read in it."""

_INNER_FRAMES = 8
"""Innermost calls of a thread whose variables are read in every look."""

_RENEWED = 8
"""Looks after which those of all calls are read again."""

MOST_REGULARS = 6
REGULAR = 2
"""Tasks that are read at each look though they wait, and the looks at which they must have been at work before."""

_DULL = 3

_THREADING = "/threading.py"
_BOOTSTRAP = "_bootstrap"


class SnapshotReader:
    """Takes snapshots of one process.

    Raises:
        HotloopError: the process is gone, may not be read, or is no release build of CPython 3.8 or later with a GIL.
    """

    def __init__(self, pid: int, clock: Callable[[], float] = time.thread_time) -> None:
        """Find the interpreter.

        Args:
            pid: the process.
            clock: seconds of CPU that were used for it.
        """
        memory = ProcessMemory(pid)
        mappings = memory.mappings()
        interpreter = identify(memory, mappings, pid)
        self._pid = pid
        self._peek = Peek(pid)
        self._runtime = Runtime(self._peek, interpreter, mappings)
        layouts = self._runtime.layouts
        self._ahead = Ahead(self._peek)
        contents = Contents(self._ahead, interpreter.minor)
        self._codes = Codes(self._peek, contents.objects, layouts)
        frames = self._calls = Frames(layouts, self._codes)
        self._threads = Threads(pid, self._runtime, Calls(self._peek, layouts, frames))
        self._values = Values(self._ahead, contents)
        self._loops = Loops(
            self._peek,
            contents,
            Awaits(layouts, frames, contents.kinds),
            Functions(self._peek, interpreter.minor, self._codes),
        )
        self._names: dict[int, str] = {}
        self._written: dict[int, tuple[Visit, ThreadSnapshot]] = {}
        self._details: dict[int, tuple[tuple[Call, SnapshotFrame], ...]] = {}
        self._regulars: Counter[int] = Counter()
        self._frames: dict[Frame, int] = {}
        self._taken: list[Snapshot] = []
        self._errors = 0
        self._clock = clock
        self._deadline = 0.0

    def take(self, at: float) -> None:
        """Take a snapshot.

        Args:
            at: seconds since the recording's start.

        Raises:
            HotloopError: the process is gone.
        """
        self._deadline = self._clock() + (BUDGET if self._taken else FIRST_BUDGET)
        self._codes.begin()
        self._loops.begin()
        visits = self._threads.visit(self._loops.find)
        self._ahead.begin()
        self._values.begin()
        chosen = sorted(visits, key=_interest)[:MOST_DETAILED]
        detailed = {visit.address for visit in chosen if _interest(visit) < _DULL}
        threads = tuple(self._thread(visit, detailed=visit.address in detailed) for visit in visits)
        found = [self._loop(visit) for visit in chosen if visit.loop]
        loops = tuple(loop for loop in found if loop is not None)
        self._ahead.end()
        self._taken.append(Snapshot(at=at, threads=threads, loops=loops))

    def finish(self) -> Snapshots:
        """Give what was taken, and let go of the process."""
        self._peek.close()
        return self.snapshots()

    def snapshots(self) -> Snapshots:
        """Give what was taken so far."""
        return Snapshots(
            pid=self._pid,
            frames=tuple(self._frames),
            values=self._values.all(),
            taken=tuple(self._taken),
            errors=self._errors + self._threads.errors,
        )

    def _thread(self, visit: Visit, *, detailed: bool) -> ThreadSnapshot:
        """Describe a thread; one that has not run since is as it was."""
        written = self._written.get(visit.address)
        if written is not None and written[0] is visit and not visit.fresh:
            return written[1]
        self._errors += visit.torn
        thread = ThreadSnapshot(
            thread=visit.thread,
            name=self._name(visit),
            state=visit.state,
            frames=self._stack(visit) if detailed else tuple(self._frame(call, ()) for call in visit.calls),
        )
        self._written[visit.address] = (visit, thread)
        return thread

    def _stack(self, visit: Visit) -> tuple[SnapshotFrame, ...]:
        """Describe the calls of a thread with their variables.

        Of the outer calls that have not gone on since the look before, they are taken from it.
        """
        written = self._details.get(visit.address, ())
        details: dict[int, tuple[Call, SnapshotFrame]] = {}
        inner = len(visit.calls) - _INNER_FRAMES
        # Where a look's time does not suffice for all, the innermost have it at one look and the outermost at the next:
        # the loop that turns may stand far out.
        step = 1 if len(self._taken) % 2 else -1
        for number, call in list(enumerate(visit.calls))[::step]:
            known = written[number] if number < min(inner, len(written)) else None
            if known is not None and known[0] == call and known[1].variables and len(self._taken) % _RENEWED:
                details[number] = known
            elif len(visit.calls) - number <= MOST_FRAMES:
                details[number] = call, self._frame(call, self._variables(call))
            else:
                details[number] = call, self._frame(call, ())
        ordered = tuple(details[number] for number in range(len(visit.calls)))
        self._details[visit.address] = ordered
        return tuple(frame for _, frame in ordered)

    def _name(self, visit: Visit) -> str:
        """Give the name of a thread that `threading` started; the process's first one is its main thread."""
        if visit.thread == self._pid:
            return "MainThread"
        name = self._names.get(visit.thread)
        for call in visit.calls if name is None else ():
            if call.code.file.endswith(_THREADING) and _BOOTSTRAP in call.code.name:
                name = self._values.attribute(call.variable("self"), "_name")
                self._names[visit.thread] = name
                break
        return name or ""

    def _loop(self, visit: Visit) -> LoopSnapshot | None:
        """Read an event loop; None for one that has ended."""
        try:
            loop = self._loops.read(visit.loop)
        except Torn:
            return None
        queue = loop.queue
        return LoopSnapshot(
            identity=visit.loop,
            kind=loop.kind,
            thread=visit.thread,
            operations=queue.changes if queue else None,
            ready=queue.size if queue else None,
            scheduled=loop.scheduled,
            overdue=loop.overdue,
            next=tuple(
                self._ready(callback, variables=number < MOST_DETAILED_READY)
                for number, callback in enumerate(queue.callbacks if queue else ())
            ),
            waiting=self._waiting(visit, queue),
        )

    def _waiting(self, visit: Visit, queue: Queue | None) -> tuple[Ready, ...]:
        """Read the tasks that were at work at several looks, and are not now: a loop that waits for I/O on each turn."""
        present = {callback.coroutine for callback in queue.callbacks} if queue else set()
        present |= {call.generator for call in visit.calls}
        self._regulars.update(next(([call.generator] for call in visit.calls if call.generator), []))
        self._regulars.update(
            callback.coroutine for callback in (queue.callbacks if queue else ()) if callback.coroutine
        )
        regular = [address for address, seen in self._regulars.most_common(MOST_REGULARS) if seen >= REGULAR]
        found = []
        for address in regular:
            if address not in present and (calls := self._suspended(address)):
                frames = tuple(self._frame(call, self._variables(call)) for call in calls)
                found.append(Ready(callback="", frames=frames))
        return tuple(found)

    def _suspended(self, coroutine: int) -> tuple[Call, ...]:
        try:
            return self._loops.suspended(coroutine)
        except Torn:
            return ()

    def _ready(self, callback: Callback, *, variables: bool) -> Ready:
        calls = self._loops.calls(callback)
        if callback.function:
            frames = tuple(self._frame(call, self._values.variables(call)) for call in calls)
        else:
            frames = tuple(self._frame(call, self._variables(call) if variables else ()) for call in calls)
        return Ready(callback=self._loops.name(callback), frames=frames, task=callback.task)

    def _variables(self, call: Call) -> Variables:
        """Read the variables of a call; those of one that has made room for another meanwhile are not its own."""
        if self._clock() > self._deadline:
            return ()
        found = self._values.variables(call)
        try:
            return found if self._calls.runs(self._peek, call.address) == call.code.address else ()
        except Torn:
            return ()

    def _frame(self, call: Call, variables: Variables) -> SnapshotFrame:
        frame = Frame(function=call.code.name, file=call.code.file, line=call.line)
        return SnapshotFrame(
            frame=self._frames.setdefault(frame, len(self._frames)),
            identity=call.generator or call.address,
            coroutine=bool(call.generator),
            variables=variables,
        )


def _interest(visit: Visit) -> int:
    """Order threads by what their variables may tell."""
    if visit.state == RUNNING:
        return 0
    return 1 if visit.loop else 2 if visit.ran else _DULL
