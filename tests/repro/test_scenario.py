"""What is run by default, and by choice."""

import pytest

from repro.scenario import HEADLINE_WORKERS, RAMP, Case, Scenario, incident, matrix
from repro.server.names import VARIANTS


def test_a_matrix_is_every_variant_against_every_pod() -> None:
    """Variants x pods, in the order given."""
    cases = matrix(("buggy", "hardened"), ("succeeded", "running"), views=3, workers=2)
    assert [(c.variant, c.pod) for c in cases] == [
        ("buggy", "succeeded"), ("buggy", "running"), ("hardened", "succeeded"), ("hardened", "running"),
    ]  # fmt: skip
    assert all((c.views, c.workers) == (3, 2) for c in cases)


def test_the_incident_shows_all_variants_on_finished_and_running_pods() -> None:
    """The default report has every variant in both situations."""
    for pod in ("succeeded", "running"):
        assert {c.variant for c in incident() if c.pod == pod} == set(VARIANTS)


def test_the_headline_is_a_worker_a_view() -> None:
    """25 workers with one stuck view each, faulty and fixed."""
    headline = [c for c in incident() if c.workers == HEADLINE_WORKERS]
    assert {c.variant for c in headline} == {"buggy", "hardened"}
    assert all(c.views == c.workers for c in headline)


def test_names_are_folders_and_unique() -> None:
    """Every run has a folder of its own."""
    names = [case.name for case in incident()]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() for name in names)


def test_a_run_lasts_as_long_as_its_phases() -> None:
    """Many workers are viewed for longer; deadline and time left are reckoned with that."""
    many = Case(variant="buggy", pod="succeeded", views=25, workers=25)
    scenario = Scenario(cases=(many,), quiet=1, viewing=4, after=2)
    assert scenario.seconds_of(many) == 1 + 6 + 2
    assert scenario.seconds_of(Case(variant="buggy", pod="succeeded")) == 1 + 4 + 2


def test_only_runs_without_a_reason_to_spin_are_calm() -> None:
    """What may spin is measured alone."""
    assert Case(variant="buggy", pod="running").calm
    assert not Case(variant="hardened", pod="succeeded").calm


@pytest.mark.parametrize("views", [1, 20, 5000])
def test_viewers_come_while_they_are_awaited(views: int) -> None:
    """However many come, all are there in the first third of their time."""
    case = Case(variant="hardened", pod="running", views=views)
    scenario = Scenario(cases=(case,))
    assert scenario.ramp_of(case) == pytest.approx(min(RAMP * (views - 1), scenario.viewing / 3))
