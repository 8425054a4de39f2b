"""What a diagnosis says in sentences: why, how sure that is, and what to do."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Reason:
    """A sentence, and the verdicts that it is the reason of."""

    names: str
    """`spin`, `storm, spin`; "" where there is but one reason, which needs no name."""
    text: str
    doubt: str
    """"" for a sure one."""


def reasons(diagnosis: Diagnosis) -> list[Reason]:
    """Say why, each sentence once."""
    by_text: dict[str, list[str]] = {}
    for verdict in diagnosis.details:
        by_text.setdefault(verdict.reason, []).append(verdict.name)
    least = {
        text: min(verdict.confidence for verdict in diagnosis.details if verdict.reason == text)
        for text in by_text
    }
    return [
        Reason(
            names=", ".join(names) if len(by_text) > 1 else "",
            text=text,
            doubt=guess(least[text]) if names != ["unknown"] else "",
        )
        for text, names in by_text.items()
    ]


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
