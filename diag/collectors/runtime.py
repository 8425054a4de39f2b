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

_PTHREAD_WORDS = 128
"""Words of a C library's own description of a thread in which the thread's number is looked for."""


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
        self._number: int | None = None
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
                yield ThreadState(state, self._thread(head))
                state = head[roots.next_thread // WORD]
            interpreter = word(self._ahead, interpreter + roots.next_interpreter)

    def _thread(self, head: tuple[int, ...]) -> int:
        """Give the number of a thread."""
        roots = self.layouts.roots
        if roots.native_id is not None:
            return head[roots.native_id // WORD] & 0xFFFFFFFF
        handle = head[roots.thread_id // WORD]
        if self._number is None:
            self._number = self._find_number(handle)
        try:
            return int.from_bytes(self._peek.read(handle + self._number, 4), "little") if self._number else 0
        except Torn:
            return 0

    def _find_number(self, handle: int) -> int:
        """Find where the C library keeps a thread's number: every C library has it in another place.

        Of the 32-bit halves that hold the number of a thread of this process, the first counts.
        """
        threads = set(inner_threads(self._peek.pid))
        for count in (_PTHREAD_WORDS, 16):
            try:
                data = self._peek.read(handle, count * WORD)
            except Torn:
                continue
            for at in range(0, len(data), 4):
                if int.from_bytes(data[at : at + 4], "little") in threads:
                    return at
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
