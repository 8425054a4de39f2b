"""Looks at the calls of one turn that does not end: does it go round for nothing, or compute?

A call that never returns, goes on from instruction to instruction, awaits something on its way and comes through the same
few states again and again waits without waiting. One that stays at one instruction is a long call; one whose
variables change computes.
"""

import time
from types import FrameType
from typing import NamedTuple

from diag.testing.bytecode import awaits
from diag.testing.counters import Counters
from diag.testing.digest import Digest
from diag.testing.explaining import Explanation
from diag.testing.places import Place, is_plumbing
from diag.testing.sightings import Sightings

LOOKS = 32

_TURNS = frozenset({"turn", "_run_once", "run_forever", "run_until_complete"})


class _Seen(NamedTuple):
    """A call at one look; the frame is kept, so that no other one takes its place in memory."""

    frame: FrameType
    at: int
    """Its instruction."""
    state: int


class TurnStudy:
    """The looks at one turn of a loop."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters
        self._seen = Sightings()
        self._looks: list[list[_Seen]] = []
        self._begun, self._made = time.monotonic(), counters.tasks

    def __len__(self) -> int:
        return len(self._looks)

    def look(self, frames: list[FrameType]) -> None:
        """Take in the calls of the turn, the outermost first."""
        digest = Digest()
        self._looks.append([_Seen(frame, frame.f_lasti, digest.frame(frame)) for frame in frames])
        self._seen.add_chain(frames)

    def spin(self, *, moving: bool = False) -> Explanation | None:
        """Give where it spins; None where it does not, or where that cannot be told.

        Args:
            moving: whether it is known that the code goes on, as where it makes tasks.
        """
        lasting = _lasting(self._looks)
        self._seen.states = [hash(tuple(one.state for one in row[:lasting])) for row in self._looks]
        own = [
            depth
            for depth in range(lasting)
            if not is_plumbing(self._looks[0][depth].frame.f_code.co_filename)
        ]
        if not own or not self._seen.repeats:
            return None
        hot = own[-1]
        if not moving and len({row[hot].at for row in self._looks}) == 1:
            return None
        created, seconds = self._counters.tasks - self._made, time.monotonic() - self._begun
        spot = self._seen.spots[self._looks[0][hot].frame.f_code]
        found = Explanation(spot, frozen=True, created_per_second=created / seconds if seconds else None)
        return found if awaits(spot.code, {row[hot].at for row in self._looks}) or found.polls else None


def _lasting(looks: list[list[_Seen]]) -> int:
    """Count the calls, from the outermost, that were there at every look."""
    depth = 0
    for calls in zip(*looks, strict=False):
        if any(call.frame is not calls[0].frame for call in calls):
            break
        depth += 1
    return depth


def turn_of(frame: FrameType | None) -> list[FrameType]:
    """Give the frames of a thread that its event loop's turn runs, the outermost first; none where it waits."""
    frames: list[FrameType] = []
    while frame is not None:
        file = frame.f_code.co_filename
        if is_plumbing(file) and frame.f_code.co_name in _TURNS:
            break
        frames.append(frame)
        frame = frame.f_back
    return [
        one
        for one in reversed(frames)
        if one.f_code.co_name != "_run" or not is_plumbing(one.f_code.co_filename)
    ]


def own_place(frames: list[FrameType]) -> Place:
    """Give the innermost place that is nobody's plumbing."""
    own = [frame for frame in frames if not is_plumbing(frame.f_code.co_filename)] or frames
    return own[-1].f_code, own[-1].f_lasti
