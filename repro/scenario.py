"""What to run: variants x pod kinds x views x workers, each in three phases."""

from collections.abc import Iterable, Sequence

import msgspec

from repro.server.names import VARIANTS

QUIET = 1.0
"""Seconds before anybody looks."""

VIEWING = 4.5
"""Seconds of views by default. A spin shows in one; the rest is for the stacks and for a steady figure."""

AFTER = 2.0
"""Seconds after everybody has left: more than a viewer's and a connection's orderly end take."""

MANY_WORKERS_SHARE = 1.5
"""How much longer many workers are viewed: until all have a viewer, the figures are not yet what they will be."""

RAMP = 0.02
"""Seconds between one viewer's coming and the next's: if all came in the same instant, the queue for the cores that
this makes would count as demand."""

MANY_VIEWS = 20
HEADLINE_WORKERS = 25
"""The incident's cores: one worker process, and so at most one core, for each stuck view."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One run: a variant of the log view, and who looks at what."""

    variant: str
    pod: str
    views: int = 1
    workers: int = 1

    @property
    def name(self) -> str:
        """Name the run, for folders and progress."""
        workers = f"-{self.workers}-workers" if self.workers > 1 else ""
        return f"{self.variant}-{self.pod}-{self.views}-views{workers}".replace("_", "-")

    @property
    def calm(self) -> bool:
        """Whether nothing in it has ended, so that no variant has a reason to spin.

        Calm runs are measured two at a time: they leave the cores idle.
        """
        return self.workers == 1 and self.pod in {"running", "finishing"}


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """The runs to do, and the seconds of each phase."""

    cases: tuple[Case, ...]
    quiet: float = QUIET
    viewing: float = VIEWING
    after: float = AFTER

    def seconds_of(self, case: Case) -> float:
        """Seconds that one run measures."""
        return self.quiet + self.viewing_of(case) + self.after

    def ramp_of(self, case: Case) -> float:
        """Seconds over which the viewers of one run come: a third of their time at the most."""
        return min(RAMP * (case.views - 1), self.viewing / 3)

    def viewing_of(self, case: Case) -> float:
        """Seconds of viewing of one run; more where many come one after the other to many workers."""
        return self.viewing * (MANY_WORKERS_SHARE if case.workers > 1 else 1)


def matrix(variants: Iterable[str], pods: Sequence[str], *, views: int, workers: int) -> tuple[Case, ...]:
    """Every variant against every kind of pod."""
    return tuple(
        Case(variant=variant, pod=pod, views=views, workers=workers) for variant in variants for pod in pods
    )


def incident() -> tuple[Case, ...]:
    """The report's runs: the incident, its cures, what they lose, and the headline.

    The faulty variants have one view of a finished pod, for one is enough; those that should stand it have many.
    """
    faulty = ("buggy", "frozen", "half_fixed", "fan_out", "rewatch")
    sound = ("published", "hardened", "bypass")
    return (
        *matrix(("buggy", "hardened"), ("succeeded",), views=HEADLINE_WORKERS, workers=HEADLINE_WORKERS),
        *matrix(faulty, ("succeeded",), views=1, workers=1),
        *matrix(("buggy", "half_fixed"), ("failed", "crash-looping"), views=1, workers=1),
        *matrix(sound, ("succeeded",), views=MANY_VIEWS, workers=1),
        *matrix(("published", "hardened"), ("no-newline",), views=MANY_VIEWS, workers=1),
        *matrix(VARIANTS, ("running",), views=MANY_VIEWS, workers=1),
    )
