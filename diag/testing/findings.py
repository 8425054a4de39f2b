"""What a check has found about a test, and its words: one line, and a section."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from diag.testing.explaining import Explanation
from diag.testing.leaks import Leak, headline

Kind = Literal["spin", "blocked", "limit", "leak"]
_WORST_FIRST = ("spin", "blocked", "limit", "leak")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that is wrong with a test."""

    kind: Kind
    line: str
    """One line, without "diag: "."""
    section: str = ""
    """More about it, of several lines."""

    def told(self) -> "Finding":
        """Give itself: it is in words already."""
        return self


@dataclass(frozen=True, slots=True)
class SpinSeen:
    """A spin as it was seen; its source is searched for the cause later, when nothing spins any more.

    Args:
        explanation: where.
        what: the counts, such as "12,345 empty turns without a rest".
    """

    explanation: Explanation
    what: str

    def told(self) -> Finding:
        """Put it into words."""
        self.explanation.spot.calls.clear()  # they hold what the frames held
        return of_spin(self.explanation, self.what)


def ordered(found: Sequence[Finding]) -> list[Finding]:
    """Give the worst first."""
    return sorted(found, key=lambda finding: _WORST_FIRST.index(finding.kind))


def line(found: Sequence[Finding]) -> str:
    """Put all into one line."""
    first, *others = ordered(found)
    more = f"; and {len(others)} more" if others else ""
    return f"diag: {first.line}{more}"


def section(found: Sequence[Finding]) -> str:
    """Give the section's text."""
    return "\n\n".join(finding.section or finding.line for finding in ordered(found))


def of_leaks(leaks: Sequence[Leak]) -> Finding:
    """Describe what is left."""
    lines = [f"  {leak}" for leak in leaks]
    return Finding(kind="leak", line=f"leaked {headline(leaks)}", section="\n".join(["Left behind:", *lines]))


def of_spin(explanation: Explanation, what: str) -> Finding:
    """Describe a spin."""
    empties = explanation.empties[:2]
    noun = "storm" if explanation.asks else "spin"
    why = [f"`{name}` was empty every time" for name in empties] or ["its state came back every time"]
    causes = explanation.causes
    frozen = "Frozen: the event loop does not turn. " if explanation.frozen and not explanation.asks else ""
    text = [f"{frozen}{explanation.place} goes round without getting anything: {what}; {', '.join(why)}."]
    for cause in causes[:2]:
        name = cause.file.rpartition("/")[2]
        text += [
            "",
            f"{cause.code} {cause.name} {name}:{cause.line}: {cause.message.rstrip('.')}.",
            f"  {cause.remedy}",
        ]
    text += ["", explanation.spot.code.co_filename, *explanation.excerpt()]
    code = f" ({causes[0].code} {causes[0].name}, line {causes[0].line})" if causes else ""
    return Finding(
        kind="spin", line=f"{noun} in {explanation.place}: {what}; {why[0]}{code}", section="\n".join(text)
    )
