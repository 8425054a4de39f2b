"""Tests for the search through memory."""

from collections.abc import Sequence

from made_memory import MadeMemory

from diag.collectors.chunks import chunks
from diag.collectors.heap import Hits, Needle, search


def test_a_needle_found_on_the_way_is_looked_for_everywhere() -> None:
    """What is known only at the end of memory is found at its start too, and no chunk is read for nothing."""
    memory = MadeMemory()
    memory.words(0x10000, 7, 0, 7, 0)
    memory.words(0x20000, 0, 0, 5, 0)
    memory.words(0x30000, 7, 0, 0, 0)
    found: list[int] = []

    def seven(hits: Hits) -> Sequence[Needle]:
        found.extend(hits.addresses.tolist())
        return []

    def five(_hits: Hits) -> Sequence[Needle]:
        return [Needle(7, seven)]

    areas = [(start, start + 32) for start in (0x10000, 0x20000, 0x30000)]
    search(memory, chunks(areas, size=32), [Needle(5, five)])
    assert sorted(found) == [0x10000, 0x10010, 0x30000]
    assert memory.runs == 5


def test_words_before_a_hit() -> None:
    """The word before is given, and 0 at the start of the chunk."""
    memory = MadeMemory()
    memory.words(0x10000, 7, 1, 7, 7)
    before: list[int] = []

    def seven(hits: Hits) -> Sequence[Needle]:
        before.extend(hits.before(1).tolist())
        return []

    search(memory, chunks([(0x10000, 0x10020)]), [Needle(7, seven)])
    assert before == [0, 1, 7]
