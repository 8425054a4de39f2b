"""Snapshots: threads, their calls with variables, and event loops, read from a running process's memory.

The process is not stopped, written to or injected into. See docs/snapshots.md for what that can and cannot tell.
"""

import os

from diag.collectors import layout
from diag.collectors.calls import Call, Calls
from diag.collectors.codes import Codes
from diag.collectors.contents import Contents
from diag.collectors.cpython import identify
from diag.collectors.memory import ProcessMemory
from diag.collectors.peek import Peek, Torn
from diag.collectors.runtime import Runtime, ThreadState, inner_threads
from diag.collectors.values import Values
from diag.errors import HotloopError
from diag.recording import Frame, Snapshot, SnapshotFrame, Snapshots, ThreadSnapshot

MOST_THREADS = 64
"""Threads looked at in one look; of more, those on a core and some of the others in turn."""

_TRIES = 3

_GONE = "X"
"""State of a thread that has ended."""


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
        self._codes = Codes(self._peek, layout.layout(interpreter.minor), self._runtime.layouts)
        self._calls = Calls(self._peek, self._runtime.layouts, self._codes)
        self._values = Values(self._peek, Contents(self._peek, interpreter.minor))
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
        threads = self._thread_states()
        found = []
        for state in threads:
            thread = self._thread(state)
            if thread is not None:
                found.append(thread)
        self._calls.forget({state.address for state in threads})
        self._taken.append(Snapshot(at=at, threads=tuple(found)))

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

    def _thread(self, state: ThreadState) -> ThreadSnapshot | None:
        """Read a thread; None for one that has ended."""
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
        frames = tuple(self._frame(call, variables=True) for call in calls)
        return ThreadSnapshot(thread=number, state=how, frames=frames)

    def _frame(self, call: Call, *, variables: bool) -> SnapshotFrame:
        frame = Frame(function=call.code.name, file=call.code.file, line=call.line)
        return SnapshotFrame(
            frame=self._frames.setdefault(frame, len(self._frames)),
            identity=call.generator or call.address,
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
