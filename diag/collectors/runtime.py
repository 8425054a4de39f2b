"""The interpreters and threads of a process, from the runtime's exported variable on."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diag.collectors import framelayout
from diag.collectors.cpython import Interpreter, images
from diag.collectors.elf import symbol
from diag.collectors.memory import Mapping
from diag.collectors.peek import WORD, Ahead, Peek, Source, Torn, word, words
from diag.errors import HotloopError

_SYMBOL = b"_PyRuntime"

_MOST_INTERPRETERS = 64
_MOST_THREADS = 4096
"""Links of a list beyond which it is not believed."""

_NUMBER_PLACES = (720, 208)
"""Where glibc keeps a thread's number behind its handle, on x86-64 and on aarch64."""

_PTHREAD_BYTES = 1024
"""Bytes behind a handle in which another C library may keep it."""


@dataclass(frozen=True, slots=True)
class ThreadState:
    """What an interpreter knows of a thread."""

    address: int
    thread: int
    """The thread's number in the system, as the process itself sees it; 0 if unknown."""


class Runtime:
    """The runtime of a process.

    Raises:
        HotloopError: it is not found, or of a version that is not known.
    """

    def __init__(self, peek: Peek, interpreter: Interpreter, mappings: Sequence[Mapping]) -> None:
        self._peek = peek
        self._ahead = Ahead(peek)
        self.address = _locate(peek, mappings)
        try:
            self.layouts = framelayout.layouts(peek, interpreter.minor, self.address)
        except Torn:
            raise _unknown(interpreter) from None
        self._place: int | None = None
        if not self._plausible():
            raise _unknown(interpreter)

    def _plausible(self) -> bool:
        """Tell whether a first thread is found that belongs to its interpreter."""
        for _ in range(20):
            self.begin()
            try:
                if next(self.threads(), None) is not None:
                    return True
            except Torn:
                continue
        return False

    def begin(self) -> None:
        """Begin a look."""
        self._ahead.begin()

    def threads(self) -> Iterator[ThreadState]:
        """Give the thread states of all interpreters.

        Raises:
            Torn: the lists changed while they were read.
        """
        roots = self.layouts.roots
        for state, head in self._states():
            if roots.native_id is not None:
                yield ThreadState(state, head[roots.native_id // WORD] & 0xFFFFFFFF)
            else:
                yield ThreadState(state, self._number(head[roots.thread_id // WORD]))

    def _states(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Follow the lists of interpreters and threads: addresses of the threads, and their first words."""
        roots = self.layouts.roots
        interpreter = word(self._ahead, self.address + roots.interpreters)
        for _ in range(_MOST_INTERPRETERS):
            if not interpreter:
                return
            state = word(self._ahead, interpreter + roots.threads)
            for _ in range(_MOST_THREADS):
                if not state:
                    break
                head = words(self._ahead, state, max(roots.thread_id, roots.native_id or 0) // WORD + 1)
                if head[2] != interpreter:  # `interp` stands behind `prev` and `next` in all versions
                    raise Torn(state)
                yield state, head
                state = head[roots.next_thread // WORD]
            interpreter = word(self._ahead, interpreter + roots.next_interpreter)

    def _number(self, handle: int) -> int:
        """Give the number of the thread with a handle (pthread_t), 0 if unknown."""
        if self._place is None:
            handles = [head[self.layouts.roots.thread_id // WORD] for _, head in self._states()]
            self._place = self._find_number(handles)
        if not self._place:
            return 0
        try:
            return self._half(handle + self._place)
        except Torn:
            return 0

    def _half(self, address: int) -> int:
        return int.from_bytes(self._peek.read(address, 4), "little")

    def _find_number(self, handles: Sequence[int]) -> int:
        """Find where the C library keeps a thread's number: each library has it in another place.

        It is where every thread has the number of another thread of this process; the known places are tried first.
        """
        known = set(inner_threads(self._peek.pid))
        places: list[int] = list(_NUMBER_PLACES) + list(range(0, _PTHREAD_BYTES, 4))
        for place in places:
            try:
                found = [self._half(handle + place) for handle in handles]
            except Torn:
                continue
            if known.issuperset(found) and len(set(found)) == len(found):
                return place
        return 0


def inner_threads(pid: int) -> dict[int, int]:
    """Give the threads of a process: their numbers as it sees them itself, and as they are seen from here.

    They differ where the process has a PID namespace of its own, as in a container.
    """
    found = {}
    outer = [int(entry) for entry in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208 - cheaper
    if not _is_nested(pid):
        return {thread: thread for thread in outer}
    for thread in outer:
        try:
            inner = _numbers(f"/proc/{pid}/task/{thread}/status")
        except OSError:
            continue
        found[inner[-1] if inner else thread] = thread
    return found


def _is_nested(pid: int) -> bool:
    return len(_numbers(f"/proc/{pid}/status")) > 1


def _numbers(path: str) -> list[int]:
    """Read the numbers of a thread in each PID namespace, the innermost last."""
    for line in Path(path).read_text(errors="replace").splitlines():
        if line.startswith("NSpid:"):
            return [int(number) for number in line.split()[1:]]
    return []


def _locate(peek: Peek, mappings: Sequence[Mapping]) -> int:
    """Find the runtime: by its symbol, or else by the mark that it begins with since 3.13."""
    loaded = sorted(images(mappings), key=lambda image: "python" not in image.name)
    for image in loaded:
        found = symbol(peek, image.mappings[0].start, _SYMBOL)
        if found is not None:
            return found
    for image in loaded:
        for mapping in image.writable():
            found = _search(peek, mapping)
            if found is not None:
                return found
    raise HotloopError(
        f"process {peek.pid} hides its interpreter's variables (a stripped static build): its stacks cannot be"
        " read from outside"
    )


def _search(source: Source, mapping: Mapping) -> int | None:
    try:
        data = source.read(mapping.start, mapping.size)
    except Torn:
        return None
    at = data.find(framelayout.COOKIE.to_bytes(WORD, "little"))
    return mapping.start + at if at >= 0 and at % WORD == 0 else None


def _unknown(interpreter: Interpreter) -> HotloopError:
    return HotloopError(
        f"CPython {interpreter.version} lays out its threads in a way that is not known: a newer hotloop may know it"
    )
