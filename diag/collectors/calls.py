"""The calls on a thread's stack, read from two copies of the memory that they lie in."""

from dataclasses import dataclass

from diag.collectors.codes import Code, Codes
from diag.collectors.framelayout import Layouts
from diag.collectors.peek import (
    HIGHEST,
    LOWEST,
    WORD,
    Copy,
    Missing,
    Peek,
    Source,
    Torn,
    Unreadable,
    word,
    words,
    words_format,
)

_DEEPEST = 2000
_ATTEMPTS = 6
"""Copies of a stack whose inner calls change all the time, after which its lasting part is taken."""

_PLACES = 400
"""New places that a copy may need, one after the other, before a stack is given up."""

_CHUNK_HEAD = 3 * WORD
_SPARE = 2048
"""Bytes behind the innermost call that are copied as well: the next one may lie there."""

_LARGEST_CHUNK = 1 << 16
_GENERATOR, _NO_CALL = 1, 3
_TAGS = ~3
"""Bits of a reference on the stack that are flags, since 3.14."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a Python function, running or suspended."""

    address: int
    """Of the frame."""
    code: Code
    offset: int
    """Of the instruction, in bytes."""
    generator: int
    """The coroutine or generator that it belongs to, 0 for none."""
    globals: int
    locals: int
    """Address of a dict: that of a module's or class's body; else 0."""
    fast: tuple[int, ...]
    """References to the local variables, in the order of `Code.variables`."""

    @property
    def line(self) -> int:
        """The line that it is at."""
        return self.code.line(self.offset)


class Calls:
    """Reads calls of one process."""

    def __init__(self, peek: Peek, layouts: Layouts, codes: Codes) -> None:
        self._peek = peek
        self._layouts = layouts
        self._frame = layouts.frame
        self._codes = codes
        self._words = layouts.frame.fast // WORD
        self._places: dict[int, dict[int, int]] = {}

    def stack(self, thread: int) -> list[Call]:
        """Read the stack of the thread whose state lies at an address, outermost first.

        The memory is copied twice in one call. The stack is taken whole if it was the same in both copies, or else,
        after some attempts, as far as it was: no call is put to another that was not on the stack with it.

        Raises:
            Torn: nothing of it stayed for a moment.
        """
        places = self._places.setdefault(thread, {thread: (self._root_size() + WORD - 1) // WORD * WORD})
        best: list[Call] = []
        attempts = fresh = 0
        while attempts < _ATTEMPTS and fresh < _PLACES:
            try:
                calls, whole = self._attempt(thread, places)
            except Missing as missing:
                if not _add(places, missing.place):
                    attempts += 1
                fresh += 1
                continue
            except Unreadable as unreadable:
                self._drop(places, unreadable.place, thread)
                attempts += 1
                continue
            except Torn:
                attempts += 1
                if attempts == _ATTEMPTS // 2:
                    places = self._places[thread] = {thread: places[thread]}
                continue
            if whole:
                return calls
            best = max(best, calls, key=len)
            attempts += 1
        if not best:
            raise Torn(thread)
        return best

    def forget(self, keep: set[int]) -> None:
        """Forget the places of threads other than these."""
        self._places = {thread: places for thread, places in self._places.items() if thread in keep}

    def _root_size(self) -> int:
        roots = self._layouts.roots
        return max(roots.frame, roots.stack or 0) + 3 * WORD

    def _drop(self, places: dict[int, int], place: tuple[int, int], thread: int) -> None:
        """Take out a place that is not there (any more)."""
        if place[0] <= thread < place[0] + place[1]:
            raise Torn(thread)
        places.pop(place[0], None)

    def _attempt(self, thread: int, places: dict[int, int]) -> tuple[list[Call], bool]:
        """Copy, and give the stack as far as both copies agree, and whether they do so to the end."""
        first, second = self._peek.copy(places.items())
        addresses, heads = self._links(first, thread)
        again = self._heads(second, addresses)
        whole = self._innermost(second, thread) == (addresses[0] if addresses else 0)
        calls: list[Call] = []
        for number, (address, before, after) in enumerate(zip(addresses, heads, again, strict=True)):
            if before[: self._words] == after[: self._words] or (
                not number and self._same_link(before, after)
            ):
                call = self._call(first, address, before)
                if call is not None:
                    calls.append(call)
            elif self._same_link(before, after):  # it went on: what it had called is over
                calls, whole = [], False
                call = self._call(second, address, after)
                if call is not None:
                    calls.append(call)
            else:
                calls, whole = [], False
        if calls and calls[-1].generator:
            raise Torn(thread)  # a coroutine that was suspended meanwhile leads no further out
        calls.reverse()
        return calls, whole

    def _same_link(self, before: tuple[int, ...], after: tuple[int, ...]) -> bool:
        """Tell whether it is the same call: what it runs, and what it was called from."""
        frame = self._frame
        return (
            before[frame.code // WORD] == after[frame.code // WORD]
            and before[frame.previous // WORD] == after[frame.previous // WORD]
        )

    def _innermost(self, source: Source, thread: int) -> int:
        roots = self._layouts.roots
        frame = word(source, thread + roots.frame)
        if roots.frame_behind is None:
            return frame
        return word(source, frame + roots.frame_behind)

    def _links(self, source: Copy, thread: int) -> tuple[list[int], list[tuple[int, ...]]]:
        """Follow the calls outwards: their addresses, and their first words."""
        address = self._innermost(source, thread)
        addresses: list[int] = []
        heads = []
        while address:
            head = words(source, address, self._words)
            addresses.append(address)
            heads.append(head)
            address = head[self._frame.previous // WORD]
            if len(addresses) > _DEEPEST or address in addresses[-8:]:
                raise Torn(address)
        return addresses, heads

    def _heads(self, source: Copy, addresses: list[int]) -> list[tuple[int, ...]]:
        return [words(source, address, self._words) for address in addresses]

    def _call(self, source: Source, address: int, head: tuple[int, ...]) -> Call | None:
        """Make sense of a frame; None for one that is no call of a Python function."""
        frame = self._frame
        owner = _byte(head, frame.owner) if frame.owner is not None else 0
        if owner >= _NO_CALL:
            return None
        code = self._codes.get(head[frame.code // WORD] & _TAGS)
        if frame.owner is None:
            offset = _half(head, frame.position)
            offset = (offset - (1 << 32) if offset >> 31 else offset) * (
                2 if self._layouts.minor == 10 else 1
            )  # noqa: PLR2004 - it counts in code units
            generator = head[(frame.generator or 0) // WORD]
        else:
            offset = head[frame.position // WORD] - code.start
            generator = address - self._layouts.generator_frame if owner == _GENERATOR else 0
        if not -4 <= offset <= code.size:
            raise Torn(address)
        count = len(code.variables)
        fast = words_format(count).unpack(source.read(address + frame.fast, count * WORD)) if count else ()
        return Call(
            address=address,
            code=code,
            offset=offset,
            generator=generator,
            globals=head[frame.globals // WORD],
            locals=head[frame.locals // WORD],
            fast=tuple([value & _TAGS for value in fast]) if self._layouts.minor >= 14 else fast,  # noqa: PLR2004 - tagged since
        )

    def suspended(self, generator: int) -> tuple[Call, int]:
        """Read the call of a suspended coroutine or generator, and what it waits for (0 for nothing).

        Raises:
            Torn: it is not suspended, or went on meanwhile.
        """
        raise NotImplementedError


def _add(places: dict[int, int], place: tuple[int, int]) -> bool:
    """Add a place to what is copied, joined with those that it touches; refuse what is no address of a frame."""
    start, size = place
    if start % WORD or not LOWEST <= start < HIGHEST:
        return False
    end = start + size
    for other, length in list(places.items()):
        if other <= end and start <= other + length:
            start, end = min(start, other), max(end, other + length)
            del places[other]
    places[start] = end - start
    return True


def _half(head: tuple[int, ...], offset: int) -> int:
    return head[offset // WORD] >> (offset % WORD * 8) & 0xFFFFFFFF


def _byte(head: tuple[int, ...], offset: int) -> int:
    return head[offset // WORD] >> (offset % WORD * 8) & 0xFF
