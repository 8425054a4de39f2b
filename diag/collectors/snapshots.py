"""Snapshots: threads, their calls with variables, and event loops, read from a running process's memory.

The process is not stopped, written to or injected into. See docs/snapshots.md for what that can and cannot tell.
"""

import os

from diag.collectors.awaits import Awaits
from diag.collectors.callbacks import Callback
from diag.collectors.calls import Calls
from diag.collectors.codes import Codes
from diag.collectors.contents import Contents
from diag.collectors.cpython import identify
from diag.collectors.frames import Call, Frames
from diag.collectors.loops import Loops
from diag.collectors.memory import ProcessMemory
from diag.collectors.peek import Peek, Torn
from diag.collectors.runtime import Runtime, ThreadState, inner_threads
from diag.collectors.values import Values
from diag.errors import HotloopError
from diag.recording import (
    Frame,
    LoopSnapshot,
    Ready,
    Snapshot,
    SnapshotFrame,
    Snapshots,
    ThreadSnapshot,
)

MOST_THREADS = 64
"""Threads looked at in one look; of more, those on a core and some of the others in turn."""

_TRIES = 3

_GONE, _RUNNING = "X", "R"
"""States of a thread: one that has ended, and one that is on a core or waits for one."""


class SnapshotReader:
    """Takes snapshots of one process.

    Raises:
        HotloopError: the process is gone, may not be read, or is no release build of CPython 3.8 or later with a GIL.
    """

    def __init__(self, pid: int) -> None:
        memory = ProcessMemory(pid)
        mappings = memory.mappings()
        interpreter = identify(memory, mappings, pid)
        self._pid = pid
        self._peek = Peek(pid)
        self._runtime = Runtime(self._peek, interpreter, mappings)
        layouts = self._runtime.layouts
        contents = Contents(self._peek, interpreter.minor)
        self._codes = Codes(self._peek, contents.objects, layouts)
        frames = Frames(layouts, self._codes)
        self._calls = Calls(self._peek, layouts, frames)
        self._values = Values(self._peek, contents)
        self._loops = Loops(self._peek, contents, Awaits(layouts, frames, contents.kinds))
        self._frames: dict[Frame, int] = {}
        self._taken: list[Snapshot] = []
        self._errors = 0
        self._outer = inner_threads(pid)

    def take(self, at: float) -> None:
        """Take a snapshot.

        Args:
            at: seconds since the recording's start.

        Raises:
            HotloopError: the process is gone.
        """
        self._codes.begin()
        self._values.begin()
        self._loops.begin()
        states = self._thread_states()
        threads = []
        loops: dict[int, int] = {}
        for state in states:
            thread = self._thread(state, loops)
            if thread is not None:
                threads.append(thread)
        self._calls.keep({state.address for state in states})
        found = [self._loop(address, thread) for address, thread in loops.items()]
        self._taken.append(
            Snapshot(at=at, threads=tuple(threads), loops=tuple(loop for loop in found if loop is not None))
        )

    def finish(self) -> Snapshots:
        """Give what was taken, and let go of the process."""
        self._peek.close()
        return Snapshots(
            pid=self._pid,
            frames=tuple(self._frames),
            values=self._values.all(),
            taken=tuple(self._taken),
            errors=self._errors,
        )

    def _thread_states(self) -> list[ThreadState]:
        """List the threads; the list may change while it is read."""
        for _ in range(_TRIES):
            try:
                return list(self._runtime.threads())
            except Torn:
                continue
        if not os.path.exists(f"/proc/{self._pid}/maps"):  # noqa: PTH110 - cheaper
            raise HotloopError(f"the process {self._pid} ended while it was being read")
        self._errors += 1
        return []

    def _thread(self, state: ThreadState, loops: dict[int, int]) -> ThreadSnapshot | None:
        """Read a thread, and note the event loop that it runs; None for one that has ended."""
        number = self._outer.get(state.thread)
        if number is None:
            self._outer = inner_threads(self._pid)
            number = self._outer.get(state.thread, 0)
        how = self._state(number)
        if how == _GONE:
            return None
        try:
            calls = self._calls.stack(state.address)
        except Torn:
            self._errors += 1
            calls = []
        loop = self._loops.find(calls)
        if loop:
            loops[loop] = number
        detailed = bool(loop) or how == _RUNNING
        frames = tuple(self._frame(call, variables=detailed) for call in calls)
        return ThreadSnapshot(thread=number, state=how, frames=frames)

    def _loop(self, address: int, thread: int) -> LoopSnapshot | None:
        """Read an event loop; None for one that has ended."""
        try:
            loop = self._loops.read(address)
        except Torn:
            return None
        queue = loop.queue
        return LoopSnapshot(
            identity=address,
            kind=loop.kind,
            thread=thread,
            operations=queue.changes if queue else None,
            ready=queue.size if queue else None,
            scheduled=loop.scheduled,
            overdue=loop.overdue,
            next=tuple(self._ready(callback) for callback in queue.callbacks) if queue else (),
        )

    def _ready(self, callback: Callback) -> Ready:
        calls = self._loops.suspended(callback.coroutine) if callback.coroutine else ()
        frames = tuple(self._frame(call, variables=True) for call in calls)
        return Ready(callback=callback.kind, frames=frames, task=callback.task)

    def _frame(self, call: Call, *, variables: bool) -> SnapshotFrame:
        frame = Frame(function=call.code.name, file=call.code.file, line=call.line)
        return SnapshotFrame(
            frame=self._frames.setdefault(frame, len(self._frames)),
            identity=call.generator or call.address,
            coroutine=bool(call.generator),
            variables=self._values.variables(call) if variables else (),
        )

    def _state(self, thread: int) -> str:
        """Give the state of a thread as the kernel has it."""
        try:
            descriptor = os.open(f"/proc/{self._pid}/task/{thread}/stat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return _GONE
        try:
            return os.read(descriptor, 512).rpartition(b")")[2].split(None, 1)[0].decode()
        except (OSError, IndexError):
            return _GONE
        finally:
            os.close(descriptor)
