"""What the verdicts are made from, and what they give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diag import thresholds
from diag.causes.catalogue import search
from diag.causes.cause import Facts, Scene
from diag.evidence.facts import Surroundings
from diag.evidence.growth import Growth
from diag.evidence.hot import Hot
from diag.evidence.looks import Looks
from diag.findings import CauseFound, Culprit, Evidence, Step, Verdict
from diag.folding import folded
from diag.rates import Rates
from diag.recording import Recording
from diag.source import Module


@dataclass(frozen=True)
class Case:
    """Everything that the verdicts are made from."""

    recording: Recording
    pid: int
    looks: Looks | None
    modules: Mapping[str, Module]
    hots: Sequence[Hot]
    """The hottest first."""
    rates: Rates | None
    calm: Rates | None
    around: Surroundings
    others: Sequence[Growth]
    """Growth of threads, connections and descriptors."""

    @property
    def moves(self) -> bool:
        """Whether the process moves payload as a working one does."""
        io = self.around.io
        if io is None or self.rates is None or self.rates.cores <= 0:
            return False
        return ((io.tcp_bytes or 0.0) + io.other_bytes) / self.rates.cores >= thresholds.BYTES_PER_CPU_SECOND


@dataclass(frozen=True)
class Finding:
    """A verdict with its place and causes."""

    verdict: Verdict
    culprit: Culprit | None = None
    causes: tuple[CauseFound, ...] = ()
    facts: tuple[Evidence, ...] = ()
    creator: Step | None = None


def causes_at(scene: Scene | None, facts: Facts) -> tuple[CauseFound, ...]:
    """Search the catalogue; only causes with which the facts agree well enough are stated."""
    found = search(folded(scene, facts), facts) if scene else []
    return tuple(cause for cause in found if cause.confidence >= thresholds.CAUSE_CONFIDENCE)
