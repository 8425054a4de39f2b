"""Which threads a look visits, what the kernel says of them, and their stacks."""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diag.collectors.calls import Calls
from diag.collectors.frames import Call
from diag.collectors.peek import Torn
from diag.collectors.runtime import Runtime, ThreadState, inner_threads
from diag.errors import HotloopError

MOST_THREADS = 64
"""Threads visited in a look: those that were last seen on a core or with an event loop, and the others in turn."""

_TRIES = 3

GONE, RUNNING = "X", "R"
"""States of a thread: one that has ended, and one that is on a core or waits for one."""

_ZOMBIE = "Z"
"""State of a process that has ended, and whose parent has not asked how."""


@dataclass(slots=True, eq=False)
class Visit:
    """What a look found of a thread."""

    address: int
    """Of its state in the interpreter."""
    thread: int
    """Its number in the system."""
    state: str
    calls: list[Call]
    """Outermost first."""
    torn: bool
    """Whether its stack could not be read."""
    fresh: bool
    """Whether it was read in this look, for it may have run since the visit before."""
    ran: bool
    """Whether it is known to have run since."""
    loop: int = 0
    """The event loop that it runs."""


class Threads:
    """The threads of one process."""

    def __init__(self, pid: int, runtime: Runtime, calls: Calls) -> None:
        self._pid = pid
        self._runtime = runtime
        self._calls = calls
        self._outer: dict[int, int] = {}
        self._last: dict[int, tuple[bytes, Visit]] = {}
        self._next = 0
        self.errors = 0
        """Lists of threads that changed while they were read."""

    def visit(self, loop_of: Callable[[Sequence[Call]], int]) -> list[Visit]:
        """Visit the threads of which this look takes notice.

        Args:
            loop_of: gives the event loop that a stack runs, 0 for none.

        Raises:
            HotloopError: the process is gone.
        """
        states = self._list()
        present = {state.address for state in states}
        self._last = {address: last for address, last in self._last.items() if address in present}
        self._calls.keep(present)
        found = []
        for state in self._chosen(states):
            visit = self._visit(state, loop_of)
            if visit is not None:
                found.append(visit)
        return found

    def _list(self) -> list[ThreadState]:
        """List the threads; the list may change while it is read."""
        for _ in range(_TRIES):
            self._runtime.begin()
            with contextlib.suppress(Torn):
                return list(self._runtime.threads())
        if self._state(self._pid) in {GONE, _ZOMBIE}:
            raise HotloopError(f"the process {self._pid} ended while it was being read")
        self.errors += 1
        return []

    def _chosen(self, states: list[ThreadState]) -> list[ThreadState]:
        """Choose whom to visit."""
        if len(states) <= MOST_THREADS:
            return states
        busy = [state for state in states if self._is_busy(state.address)][: MOST_THREADS // 2]
        chosen = {state.address for state in busy}
        rest = [state for state in states if state.address not in chosen]
        count = MOST_THREADS - len(busy)
        first = self._next % len(rest)
        self._next = first + count
        return busy + (rest + rest)[first : first + min(count, len(rest))]

    def _is_busy(self, address: int) -> bool:
        last = self._last.get(address)
        return last is not None and (last[1].state == RUNNING or last[1].loop != 0)

    def _visit(self, state: ThreadState, loop_of: Callable[[Sequence[Call]], int]) -> Visit | None:
        """Read a thread, unless it has not run since; None for one that has ended."""
        number = self._number(state.thread)
        ran = self._read(number, "schedstat")
        last = self._last.get(state.address)
        if last is not None and ran and last[0] == ran and last[1].state != RUNNING and not last[1].torn:
            last[1].fresh = last[1].ran = False
            return last[1]
        how = self._state(number)
        if how == GONE:
            return None
        try:
            calls, torn = self._calls.stack(state.address), False
        except Torn:
            calls, torn = [], True
        visit = Visit(state.address, number, how, calls, torn, fresh=True, ran=last is not None)
        visit.loop = loop_of(calls)
        self._last[state.address] = (ran, visit)
        return visit

    def _number(self, inner: int) -> int:
        """Give the number of a thread as it is seen from here."""
        if inner not in self._outer:
            self._outer = inner_threads(self._pid)
        return self._outer.get(inner, 0)

    def _state(self, thread: int) -> str:
        """Give the state of a thread as the kernel has it."""
        fields = self._read(thread, "stat").rpartition(b")")[2].split(None, 1)
        return fields[0].decode() if fields else GONE

    def _read(self, thread: int, name: str) -> bytes:
        """Read a file of a thread; nothing if it has ended."""
        try:
            descriptor = os.open(f"/proc/{self._pid}/task/{thread}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return b""
        try:
            return os.read(descriptor, 512)
        except OSError:
            return b""
        finally:
            os.close(descriptor)
