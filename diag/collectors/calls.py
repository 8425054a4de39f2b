"""The calls on a thread's stack, read from two copies of the memory that they lie in."""

from collections.abc import Collection

from diag.collectors.framelayout import Layouts
from diag.collectors.frames import Call, Frames
from diag.collectors.peek import WORD, Peek, Source, Torn, word
from diag.collectors.places import Places

_DEEPEST = 2000
_CYCLE = 8
"""Frames between which a chain that turns in a circle is noticed."""


class Calls:
    """Reads the stacks of one process's threads."""

    def __init__(self, peek: Peek, layouts: Layouts, frames: Frames) -> None:
        self._peek = peek
        self._roots = layouts.roots
        self._frames = frames
        self._places: dict[int, Places] = {}

    def stack(self, thread: int) -> list[Call]:
        """Read the stack of the thread whose state lies at an address, outermost first.

        The stack is taken whole if it was the same in two copies made in one call, and else from the first copy, if
        that makes sense from the innermost call to the thread's beginning: the copy takes microseconds, and a stack
        that changes more often than that would be seen hardly ever, or without its inner part.

        Raises:
            Torn: none of the copies made sense.
        """
        if thread not in self._places:
            self._places[thread] = Places(self._peek, thread, self._roots.frame + WORD)
        best: list[Call] = []

        def attempt(first: Source, second: Source) -> list[Call] | None:
            nonlocal best
            calls, whole = self._agreed(first, second, thread)
            if whole:
                return calls
            best = max(best, calls, key=len)
            return self._single(first, thread)

        calls = self._places[thread].settle(attempt)
        if calls is None and not best:
            raise Torn(thread)
        return best if calls is None else calls

    def _single(self, copy: Source, thread: int) -> list[Call]:
        """Make sense of one copy alone."""
        calls = []
        for address, head in self._chain(copy, thread):
            call = self._frames.call(copy, address, head)
            if call is not None:
                calls.append(call)
        if not calls or calls[-1].generator:
            raise Torn(thread)  # a coroutine that was suspended meanwhile leads no further out
        return calls[::-1]

    def keep(self, threads: Collection[int]) -> None:
        """Forget what is known of other threads than these."""
        self._places = {thread: places for thread, places in self._places.items() if thread in threads}

    def _agreed(self, first: Source, second: Source, thread: int) -> tuple[list[Call], bool]:
        """Give the calls that two copies agree about, outermost first, and whether they agree about all.

        Calls that stayed are on the stack together. The innermost of them may have gone on, which ends what it had
        called.
        """
        frames = self._frames
        chain = self._chain(first, thread)
        whole = self._innermost(second, thread) == (chain[0][0] if chain else 0)
        calls: list[Call] = []
        for number, (address, head) in enumerate(chain):
            later = frames.head(second, address)
            if frames.link(head) != frames.link(later):
                calls, whole = [], False
                continue
            if head != later and number:
                calls, whole = [], False
            call = frames.call(second, address, later)
            if call is not None:
                calls.append(call)
        if calls and calls[-1].generator:
            raise Torn(thread)  # a coroutine that was suspended meanwhile leads no further out
        calls.reverse()
        return calls, whole

    def _chain(self, source: Source, thread: int) -> list[tuple[int, tuple[int, ...]]]:
        """Follow the frames outwards: their addresses, and their first words."""
        address = self._innermost(source, thread)
        chain: list[tuple[int, tuple[int, ...]]] = []
        while address:
            head = self._frames.head(source, address)
            chain.append((address, head))
            address = self._frames.previous(head)
            if len(chain) > _DEEPEST or any(address == known for known, _ in chain[-_CYCLE:]):
                raise Torn(address)
        return chain

    def _innermost(self, source: Source, thread: int) -> int:
        frame = word(source, thread + self._roots.frame)
        return frame if self._roots.frame_behind is None else word(source, frame + self._roots.frame_behind)
