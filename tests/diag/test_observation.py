"""The order of a window of observation: with a recorder that only writes down what it is asked, and a made clock."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

import pytest

from diag import observation
from diag.errors import HotloopError
from diag.observation import Prober

if TYPE_CHECKING:
    from diag.recorder import Recorder


class Clerk:
    """Stands in for a recorder."""

    def __init__(self, *, dear: float = 0.0, failing: bool = False) -> None:
        self.elapsed = 100.0
        self.alive = True
        self.phases: list[str] = []
        self.sampled: list[float] = []
        self.censuses: list[bool] = []
        self.connections = 0
        self.looks = 0
        self.seeing = threading.Event()
        self.seeing.set()
        self._dear = dear
        self._failing = failing

    def phase(self, name: str) -> None:
        """Begin a phase."""
        self.phases.append(name)

    def sample_stacks(self, seconds: float) -> None:
        """Sample until the time is over."""
        self.sampled.append(seconds)
        self.elapsed += seconds

    @contextlib.contextmanager
    def snapshots(self) -> Iterator[Callable[[], None]]:
        """Give what takes a snapshot, as soon as there is a core for it."""

        def take() -> None:
            self.seeing.wait(5)
            self.looks += 1

        yield take

    def read_traffic(self) -> None:
        """Do nothing."""

    def read_connections(self) -> None:
        """Count."""
        self.connections += 1

    def take_census(self, *, brief: bool = False) -> None:
        """Note what kind; use as much CPU as it is said to cost."""
        self.censuses.append(brief)
        end = time.thread_time() + self._dear
        while time.thread_time() < end:
            pass
        if self._failing:
            raise HotloopError("The tasks could not be counted.")


def conducted(clerk: Clerk, seconds: float = 3.0) -> list[tuple[str, float]]:
    """Conduct a window in made time; gives what was told."""
    told: list[tuple[str, float]] = []

    def pause(until: float) -> None:
        clerk.elapsed += until
        time.sleep(0)  # the made time lets no time pass in which the others could run

    observation.conduct(
        cast("Recorder", clerk), seconds, progress=lambda doing, left: told.append((doing, left)), pause=pause
    )
    return told


def test_the_window_is_calm_first_and_sampled_then() -> None:
    """Stacks are sampled in the last seven tenths, and the window ends when it should."""
    clerk = Clerk()
    conducted(clerk)
    assert clerk.phases == ["undisturbed", "sampled"]
    assert clerk.sampled == [pytest.approx(3.0 * (1 - observation.UNDISTURBED))]


def test_progress_is_told_with_what_is_left() -> None:
    """The seconds left only fall, while it is the same that is done."""
    told = conducted(Clerk())
    calm = [left for doing, left in told if doing != "waiting for a core to look"]
    assert calm == sorted(calm, reverse=True)
    assert told[0] == ("watching CPU and demand", 3.0)
    assert {doing for doing, _ in told} >= {"watching CPU and demand", "reading variables and tasks"}


def test_a_process_that_is_gone_is_not_waited_for() -> None:
    """Nothing is sampled of it either."""
    clerk = Clerk()
    clerk.alive = False
    assert conducted(clerk) == []
    assert (clerk.sampled, clerk.looks, clerk.censuses) == ([], 0, [])
    assert clerk.elapsed == 100.0


@pytest.mark.parametrize(("seconds", "at_most"), [(10.0, 20.0), (1.0, 1.0 + observation.PATIENCE)])
def test_where_looks_are_few_the_window_is_longer(seconds: float, at_most: float) -> None:
    """An observer that gets no core goes on for as long again, or a few seconds, and then leaves it at that."""
    clerk = Clerk()
    clerk.seeing.clear()

    def progress(doing: str, left: float) -> None:
        if doing == "waiting for a core to look" and left < 0.15:
            clerk.seeing.set()

    def pause(until: float) -> None:
        clerk.elapsed += until

    observation.conduct(cast("Recorder", clerk), seconds, progress=progress, pause=pause)
    assert clerk.elapsed == pytest.approx(100.0 + at_most, abs=0.11)


def probed(clerk: Clerk, seconds: float = 0.2) -> None:
    """Probe in real time until the last count but one has been taken."""
    begin = time.monotonic()

    class Running(Clerk):
        @property
        def elapsed(self) -> float:
            return time.monotonic() - begin

        @elapsed.setter
        def elapsed(self, at: float) -> None:
            pass

    clerk.__class__ = Running
    with Prober(cast("Recorder", clerk), seconds, rate=200.0):
        deadline = time.monotonic() + 10
        while clerk.connections < observation.PROBES - 1 and time.monotonic() < deadline:
            time.sleep(0.005)


def test_counts_are_taken_all_along_and_at_the_end() -> None:
    """The first and the last census are whole ones, those between may be brief."""
    clerk = Clerk()
    probed(clerk)
    assert clerk.connections == observation.PROBES
    assert clerk.censuses == [False, True, True, True, False]
    assert clerk.looks > 0


def test_dear_censuses_are_few() -> None:
    """Where one takes more of a core than all may, there are three: at either end and in the middle."""
    clerk = Clerk(dear=0.05)
    probed(clerk)
    assert clerk.connections == observation.PROBES
    assert clerk.censuses == [False, True, False]


def test_a_census_that_fails_does_not_end_the_others() -> None:
    """Connections and snapshots go on."""
    clerk = Clerk(failing=True)
    probed(clerk)
    assert (clerk.connections, len(clerk.censuses)) == (observation.PROBES, observation.PROBES)
