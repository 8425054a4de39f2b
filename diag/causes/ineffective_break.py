"""HL001 ineffective-break: the `break` that says that the work is over leaves only an inner loop."""

from diag.causes.agreement import moves
from diag.causes.breaks import IneffectiveBreak, ineffective_breaks
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.shape import keyword_of

_SHOWS_END = ("empty", "constant")


def find(scene: Scene) -> Match | None:
    """Find such a `break` in the hot loop or one around it."""
    for found in ineffective_breaks(scene.module, scene.function):
        if scene.line in range(found.outer.lineno, (found.outer.end_lineno or 0) + 1):
            return match_of(found)
    return None


def match_of(found: IneffectiveBreak) -> Match:
    """Put an ineffective `break` into words."""
    return Match(
        line=found.node.lineno,
        lines=tuple(sorted({found.node.lineno, found.inner.lineno, found.outer.lineno})),
        message=(
            f"the `break` in line {found.node.lineno} leaves only the `{keyword_of(found.inner)}` of line {found.inner.lineno}; "
            f"the `{keyword_of(found.outer)}` of line {found.outer.lineno} goes on"
        ),
        names=(found.value, *sorted(found.about - {found.value})),
    )


def agrees(match: Match, facts: Facts) -> float:
    """Weigh by what the `break` looks at: it stays as it is where the loop turns for ever."""
    if moves(facts):
        return 0.0
    value, *about = match.names
    own = [seen for name, seen in facts.variables.items() if name == value or name.startswith(f"{value}.")]
    if any(seen.behaviour in _SHOWS_END for seen in own):
        return 1.0
    if own:
        return 0.0
    if set(about) & set(facts.settled):
        return 0.95
    return 0.8


CAUSE = Cause(
    code="HL001",
    name="ineffective-break",
    summary="A `break` that says that the work is over leaves only an inner loop, and the loop around it goes on for ever.",
    remedy=(
        "Leave the outer loop: `return` instead of `break`, or a flag that is tested after the inner loop, or `for ... else: continue` "
        "and a second `break`."
    ),
    find=find,
    agrees=agrees,
)
