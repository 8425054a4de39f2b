"""Places at work in made programs, with all that is measured of them."""

from collections.abc import Callable, Sequence
from typing import Any

from made_program import Program, Strand, thread
from made_snapshots import filmed

from diag.diagnosis import build
from diag.evidence import facts as measured
from diag.evidence import futility as futile

READ = """
    def f(stream):
        while True:
            {}  # hot
"""


def place_of(source: str, lines: Sequence[str] = ("hot",), **variables: Callable[[int], object]) -> "Seen":
    """Make the looks at a thread in a function `f`, at these lines in turn, with variables by number of the look."""
    program = Program(source)

    def moment(n: int) -> Strand:
        values: dict[str, Any] = {name: value(n) for name, value in variables.items()}
        return thread(program.at("f", lines[n % len(lines)], **values))

    return Seen(program, moment)


class Seen:
    """A place with all that is measured of it."""

    def __init__(
        self,
        program: Program | Sequence[Program],
        moment: Callable[[int], Strand],
        **conditions: Any,  # noqa: ANN401 - of Conditions
    ) -> None:
        case = build(filmed(program, moment, **conditions))
        assert case.looks is not None
        self.hot = case.hots[0]
        self.facts = measured.gather(self.hot, case.looks, case.around)
        self.futility = futile.measure(self.hot, case.looks, self.facts)
