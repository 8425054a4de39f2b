"""All verdicts on a process, and what remains where there is none: healthy or unknown."""

from diag import thresholds
from diag.findings import Verdict, VerdictName
from diag.verdicts.blocked import blocked
from diag.verdicts.case import Case, Finding
from diag.verdicts.leak import leaks
from diag.verdicts.spin import spins

ORDER: tuple[VerdictName, ...] = ("storm", "spin", "blocked", "leak", "healthy", "unknown")
"""The worst first."""


def judge(case: Case) -> list[Finding]:
    """Give the verdicts, the worst first; "healthy" or "unknown" where there is no other."""
    if case.rates is None:
        return [_unknown(case)]
    if case.rates.demand >= thresholds.SPIN_DEMAND and (
        case.looks is None or len(case.looks) < thresholds.LEAST_LOOKS
    ):
        return [*leaks(case)] or [_unknown(case)]
    found = [*leaks(case), *spins(case)]
    if not any(finding.verdict.name in {"spin", "storm"} for finding in found):
        found += blocked(case)
    return sorted(found, key=lambda finding: ORDER.index(finding.verdict.name)) or [_healthy(case)]


def _healthy(case: Case) -> Finding:
    """State that nothing is wrong, with the numbers that say so."""
    assert case.rates is not None
    if case.rates.demand < thresholds.SPIN_DEMAND:
        reason = f"It uses {case.rates.cores:.2f} cores and waits for the rest of the time."
    elif case.hots:
        place = case.hots[0]
        reason = (
            f"It is busy ({case.rates.cores:.2f} cores), mostly in {place.function}, and gets something done."
        )
    else:
        reason = f"It is busy ({case.rates.cores:.2f} cores), and no single loop keeps it so."
    return Finding(Verdict(name="healthy", confidence=0.9, reason=reason))


def _unknown(case: Case) -> Finding:
    """State that nothing can be said, and why."""
    notes = case.recording.notes
    why = notes[0] if notes else "Too little could be measured."
    return Finding(Verdict(name="unknown", confidence=1.0, reason=why))
