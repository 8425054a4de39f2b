"""What a diagnosis says: verdicts, the culprit, causes and evidence; the JSON contract of `inspect` and `diagnose`."""

from typing import Literal

import msgspec

from diag.recording import Target

SCHEMA = 1

VerdictName = Literal["spin", "storm", "leak", "blocked", "healthy", "unknown"]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One computed fact."""

    kind: str
    """Such as "no-voluntary-switches"."""
    value: float | int | str | None
    unit: str
    """"1/s", "cores", "share", "bytes/s", "tasks/s", "s", ""."""
    text: str
    """The fact as a sentence."""


class SourceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of source with its heat."""

    line: int
    text: str
    share: float
    """Of the busy samples, those that were on this line."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A frame on the way to the culprit."""

    file: str
    function: str
    line: int


class Culprit(msgspec.Struct, frozen=True, kw_only=True):
    """Where it happens."""

    file: str
    function: str
    """Qualified name where it is known."""
    line: int
    """The line seen most."""
    loop: tuple[int, int] | None
    """First and last line of the loop; None where there is none or the source cannot be read."""
    share: float
    """Of the samples of the thread that do not merely wait."""
    package: str = ""
    """"name version" of the distribution that it belongs to; "" for the user's own code and the standard library."""
    called_from: Step | None = None
    """For code in a package or the standard library: the user's own frame that led there."""
    source: tuple[SourceLine, ...] = ()
    """The lines around, with their heat; () where the source cannot be read."""
    changed: bool = False
    """Whether the file was changed after the process had started, so that lines may be off."""


class CauseFound(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the catalogue, matched at a place."""

    code: str
    """"HL001"..."""
    name: str
    """"ineffective-break"..."""
    file: str
    line: int
    """The line at fault."""
    lines: tuple[int, ...] = ()
    """All lines involved."""
    message: str
    """A sentence that names the lines involved."""
    remedy: str
    """What to do."""
    confidence: float = 1.0


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict with what speaks for it."""

    name: VerdictName
    confidence: float
    """From 0 to 1; below 0.8 the text calls it a guess."""
    reason: str
    """One sentence with the numbers."""
    evidence: tuple[str, ...] = ()
    """The kinds of evidence that it rests on."""


class TaskFindings(msgspec.Struct, frozen=True, kw_only=True):
    """The asyncio tasks."""

    live: int | None
    by_coroutine: dict[str, int]
    growth_per_second: float | None
    created_per_second: float | None
    creator: Step | None = None
    """Who makes the ones that grow or are made without end; None if that is not known."""


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """How well it could be measured."""

    seconds: float
    stack_samples: int
    snapshots: int
    censuses: int
    notes: tuple[str, ...] = ()
    """What could not be measured, in sentences."""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """The answer."""

    schema: int = SCHEMA
    verdicts: tuple[VerdictName, ...]
    """The worst first; "healthy" and "unknown" stand alone."""
    frozen: bool
    """Whether the event loop (if any) no longer turns."""
    cores: float | None
    demand: float | None
    culprit: Culprit | None
    causes: tuple[CauseFound, ...]
    tasks: TaskFindings
    evidence: tuple[Evidence, ...]
    details: tuple[Verdict, ...]
    """A verdict each, in the order of `verdicts`."""
    summary: str
    """One line: verdict, place and number."""
    target: Target
    quality: Quality
