"""What was seen of the code that may spin: states, lines and variables, look by look."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import islice
from types import CodeType, FrameType
from typing import Any

from diag.testing.places import Place, is_plumbing, line_of

FEW = 12
"""States that a spin goes through at the most. `buggy` has 3, `half_fixed` 7; work has a new one at each look."""


SEVERAL = 4
"""Tasks that a place must have made to be one that makes them turn by turn."""


@dataclass
class Spot:
    """A function that was seen in the looks."""

    code: CodeType
    seen: int = 0
    lines: Counter[int] = field(default_factory=Counter)
    values: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    """Short descriptions of its variables, look by look: (type, size, text, done)."""
    above: tuple[tuple[CodeType, int], ...] = ()
    calls: Counter[FrameType] = field(default_factory=Counter)
    """How often each of its calls was seen: one that stays is where the loop is, others come and go in it."""
    below: dict[tuple[CodeType, int], None] = field(default_factory=dict)


class Sightings:
    """The looks at one loop, in the order of time."""

    def __init__(self) -> None:
        self.states: list[int] = []
        self.spots: dict[CodeType, Spot] = {}
        self.makers: dict[Place, dict[int, object]] = defaultdict(dict)
        """The notes of the tasks that each place has made, of those that were about to run."""

    def add_chain(self, frames: list[FrameType]) -> None:
        """Take in a chain of frames, the outermost first."""
        for number, frame in enumerate(frames):
            spot = self.spots.setdefault(frame.f_code, Spot(frame.f_code))
            spot.seen += 1
            spot.calls[frame] += 1
            spot.lines[frame.f_lineno] += 1
            spot.above = tuple((one.f_code, one.f_lineno) for one in frames[:number])
            for one in frames[number + 1 :]:
                spot.below[one.f_code, one.f_lineno] = None
            for name, value in list(frame.f_locals.items()):
                spot.values[name].append(described(value))

    def add_callback(self, callback: Any) -> None:
        """Take in a plain callback that is about to be run; of its calls there is none yet."""
        function = getattr(callback, "__func__", callback)
        code = getattr(function, "__code__", None)
        if isinstance(code, CodeType) and not is_plumbing(code.co_filename):
            spot = self.spots.setdefault(code, Spot(code))
            spot.seen += 1
            spot.lines[code.co_firstlineno] += 1

    @property
    def novelty(self) -> int:
        """States of the second half of the looks that the first half had not seen."""
        half = len(self.states) // 2
        return len(set(self.states[half:]) - set(self.states[:half]))

    @property
    def repeats(self) -> bool:
        """Whether the looks show the same few states again and again."""
        return len(set(self.states)) <= FEW and self.novelty == 0

    def place(self) -> Spot | None:
        """Give the function to name: the user's own before a library's, a call that stays before those that come and go."""
        best = max(self.spots.values(), key=self._rank, default=None)
        for (code, at), made in self.makers.items():
            if best is not None and code is best.code and len(made) >= SEVERAL:
                best.lines[line_of(code, at)] += len(made)
        return best

    def maker(self) -> Place | None:
        """Give the place that makes new tasks all the time; None where there is none."""
        best = max(self.makers, key=lambda place: len(self.makers[place]), default=None)
        return best if best is not None and len(self.makers[best]) >= SEVERAL else None

    def _rank(self, spot: Spot) -> tuple[bool, bool, int, int, int]:
        file = spot.code.co_filename
        library = "-packages/" in file or "/lib/python" in file
        lasting = max(spot.calls.values(), default=0)
        return not is_plumbing(file), not library, lasting, spot.seen, len(spot.above)


def described(value: Any) -> tuple[str, int | None, str, bool | None]:
    """Describe a value in short: type, size, text of what is short, and whether a future is done."""
    kind = type(value).__name__
    if value is None or isinstance(value, bool | int | float):
        return kind, None, str(value), None
    if isinstance(value, str | bytes):
        return kind, len(value), repr(value[:20]), None
    if isinstance(value, list | tuple | dict | set | frozenset):
        done = [one.done() for one in list(islice(value, 8)) if hasattr(one, "add_done_callback")]
        return kind, len(value), "", all(done) if done else None
    if hasattr(value, "add_done_callback") and hasattr(value, "done"):
        return kind, None, "", bool(value.done())
    kind_of = getattr(value, "type", None)  # a WebSocket's message
    return kind, None, str(getattr(kind_of, "name", "")), None
