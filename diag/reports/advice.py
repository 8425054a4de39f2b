"""What to do: the causes' remedies, or the next step where no cause is known."""

from diag.findings import Diagnosis, VerdictName
from diag.reports.headline import BAD, SURE

_GENERAL: dict[VerdictName, str] = {
    "spin": "Look at what each turn of the loop gets: let it end when nothing more can come, or wait for something that can.",
    "storm": "Pause between two attempts, longer each time, and stop when the other side says that it has no more.",
    "leak": "Let what is made end when its reason is gone (await, cancel or close it), and bound how many there may be.",
    "blocked": "Move the call off the event loop (`await asyncio.to_thread(...)`), or use an asynchronous one.",
    "unknown": "Look again while the process runs, for longer: `--seconds 10`.",
}
"""For a verdict without a cause."""


def remedies(diagnosis: Diagnosis) -> list[str]:
    """Give what to do, each thing once; nothing for a healthy process."""
    known = list(dict.fromkeys(cause.remedy for cause in diagnosis.causes if cause.remedy))
    if known:
        return known
    return [_GENERAL[name] for name in diagnosis.verdicts if name in _GENERAL]


def unexplained(diagnosis: Diagnosis) -> str:
    """Say that the cause is not known, where there is a fault without one."""
    if diagnosis.causes or BAD.isdisjoint(diagnosis.verdicts):
        return ""
    return "The cause is not known: nothing in the catalogue fits this place, so the verdict stands alone."


def guess(confidence: float) -> str:
    """Give the words that mark a statement as a guess; "" for a sure one."""
    return "" if confidence >= SURE else f"a guess, {round(100 * confidence)} % sure"
