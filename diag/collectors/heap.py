"""A search through all memory of a process for words that are known, or become known on the way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diag.collectors.chunks import CHUNK, Chunk
from diag.collectors.memory import Reader, Words


@dataclass(frozen=True, slots=True)
class Hits:
    """The places of one chunk where a word was found."""

    addresses: Words
    indices: npt.NDArray[np.intp]
    words: Words
    """The whole chunk; valid only until the next is read."""

    def before(self, distance: int) -> Words:
        """Give the word `distance` words before each hit; 0 where that lies before the chunk.

        At the edge of an area inside the chunk this is a word of another area: good for a first sieve only.
        """
        places = self.indices - distance
        return np.where(places >= 0, self.words[np.maximum(places, 0)], np.uint64(0))


@dataclass(frozen=True, slots=True)
class Needle:
    """A word to look for, and what to do where it is found."""

    word: int
    found: Callable[[Hits], Sequence["Needle"]]
    """Answers further needles, which are looked for in all memory too."""


def search(reader: Reader, plan: Sequence[Chunk], needles: Sequence[Needle]) -> None:
    """Look for all needles in all chunks, reading each chunk once, and again only for needles found later."""
    known = list(needles)
    looked = [0] * len(plan)
    buffer = np.empty(CHUNK, dtype=np.uint8)
    while any(count < len(known) for count in looked):
        for number, chunk in enumerate(plan):
            if looked[number] < len(known):
                fresh = known[looked[number] :]
                looked[number] = len(known)
                known += _look(chunk, chunk.read(reader, buffer), fresh)


def _look(chunk: Chunk, words: Words, needles: Sequence[Needle]) -> list[Needle]:
    """Look for needles in one chunk."""
    news: list[Needle] = []
    for needle in needles:
        indices = np.flatnonzero(words == np.uint64(needle.word))
        if len(indices):
            news += needle.found(Hits(chunk.addresses(indices), indices, words))
    return news
