"""How long a scenario still takes."""

import pytest

from repro.progress import START_GUESS, Progress
from repro.scenario import Case, Scenario

HOT = (Case(variant="buggy", pod="succeeded"), Case(variant="frozen", pod="succeeded"))
CALM = (Case(variant="buggy", pod="running"), Case(variant="frozen", pod="running"))


class Clock:
    """Seconds that go forward when told."""

    now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def follow(*cases: Case) -> tuple[Progress, Clock]:
    """Follow a scenario that measures 10 seconds a run."""
    clock = Clock()
    scenario = Scenario(cases=cases, quiet=2, viewing=5, after=3)
    return Progress(scenario, at_once=2, clock=clock), clock


def test_before_the_start_it_is_the_phases_and_a_guess() -> None:
    """Nothing timed yet: every run takes its phases and the guess."""
    progress, _ = follow(*HOT)
    assert progress.ahead().seconds_left == pytest.approx(2 * (10 + START_GUESS))


def test_what_runs_took_tells_of_the_others() -> None:
    """A finished run's time is expected of the rest, less what has been spent."""
    progress, clock = follow(*HOT)
    progress.stage(HOT[0], "quiet")
    clock.now += 20
    progress.finished(HOT[0])
    progress.stage(HOT[1], "viewing")
    clock.now += 5
    ahead = progress.ahead()
    assert (ahead.done, ahead.total) == (1, 2)
    assert ahead.running == ("frozen-succeeded-1-views: viewing",)
    assert ahead.seconds_left == pytest.approx(15)


def test_calm_runs_share_their_time() -> None:
    """Runs that go side by side count for their share."""
    progress, _ = follow(*CALM)
    assert progress.ahead().seconds_left == pytest.approx(10 + START_GUESS)


def test_a_run_that_takes_longer_is_never_negative() -> None:
    """An overdue run has nothing left; it does not shorten the others."""
    progress, clock = follow(*HOT)
    progress.stage(HOT[0], "quiet")
    clock.now += 1000
    assert progress.ahead().seconds_left == pytest.approx(10 + START_GUESS)
