"""The result's sentence holds for whatever was measured."""

from typing import Any

from example_runs import comparison, full_comparison, phases, run, spinning

from repro.report.headline import headline, meaning
from repro.report.selection import headline_runs, matrix_runs

MANY: dict[str, Any] = {"views": 25, "workers": 25}
BUGGY_25 = spinning(**MANY, cores=phases(0.03, 1.96, 1.97), demand=phases(0.03, 25.08, 24.93))
HARDENED_25 = run("hardened", **MANY, cores=phases(0.03, 0.04, 0.03), demand=phases(0.03, 0.043, 0.03))
UNKNOWN = phases(None, None, None)


def test_the_pair_at_scale_is_the_headline() -> None:
    """With the 25-worker pair the sentence gives both demands, and the machine they were asked of."""
    assert headline(full_comparison()) == (
        "With 25 workers and one view each of a succeeded pod, the buggy server asked this 2-core machine for 25.1 cores, "
        "and still for 24.9 after everyone had left; the hardened one asked for 0.04 of a core."
    )


def test_half_a_pair_stands_alone() -> None:
    """Without the hardened run, or without the buggy one, the other half is said."""
    assert headline(comparison(BUGGY_25)).endswith("and still for 24.9 after everyone had left.")
    assert headline(comparison(HARDENED_25)) == (
        "With 25 workers and one view each of a succeeded pod, the hardened server asked for 0.04 of a core."
    )


def test_a_run_at_scale_that_died_is_said() -> None:
    """The other run's figures stand, and the dead one is not left out."""
    dead = run(**MANY, cores=UNKNOWN, demand=UNKNOWN, ended="died: signal 9")
    text = headline(comparison(dead, HARDENED_25))
    assert text.startswith(
        "With 25 workers and one view each of a succeeded pod, the hardened server asked for 0.04"
    )
    assert "the buggy one could not be measured (died: signal 9)" in text


def test_where_nothing_at_scale_was_measured_the_others_speak() -> None:
    """A pair without figures leaves the sentence to the single-process runs."""
    dead = run(**MANY, cores=UNKNOWN, demand=UNKNOWN, ended="died: signal 9")
    assert headline(comparison(dead, spinning())).startswith(
        "One view of a succeeded pod kept the buggy server at 0.99"
    )


def test_single_runs() -> None:
    """Without a run at scale: the worst run, and the best variant beside it."""
    assert headline(comparison(spinning(), run("hardened", views=20))) == (
        "One view of a succeeded pod kept the buggy server at 0.99 of a core, and it stayed at 0.99 after everyone had left; "
        "the hardened one took 0.01 of a core for 20 views."
    )


def test_on_a_busy_machine_the_demand_is_said() -> None:
    """What others hold cannot be got: the sentence gives what was asked for beside it."""
    row = spinning(cores=phases(0, 0.4, 0.35), demand=phases(0, 0.98, 0.97))
    assert headline(comparison(row)) == (
        "One view of a succeeded pod made the buggy server ask for 0.98 of a core (it got 0.40), "
        "and for 0.97 after everyone had left."
    )


def test_only_good_runs() -> None:
    """Where all is well, the sentence says so, with the highest figure."""
    assert headline(comparison(run("hardened"), run("bypass", cores=phases(0, 0.03, 0)))) == (
        "All 2 runs stayed within the budget: at most 0.03 of a core while viewing (bypass, succeeded)."
    )
    assert headline(comparison(run("hardened"))).startswith("The run stayed within the budget")
    assert meaning(comparison(run("hardened"))) == ""


def test_nothing_measured() -> None:
    """No runs, or runs without figures, are no failure."""
    assert headline(comparison()) == "No run was measured."
    assert headline(comparison(run(cores=UNKNOWN, demand=UNKNOWN))) == "Of one run, none could be measured."
    dead = run(cores=UNKNOWN, demand=UNKNOWN, ended="died: signal 9")
    assert (
        headline(comparison(dead))
        == "The buggy server's run on a succeeded pod ended early (died: signal 9)."
    )


def test_the_headline_is_one_pod_at_the_largest_scale() -> None:
    """A smaller scenario with workers is part of the matrix."""
    small = spinning(views=4, workers=4)
    whole = comparison(small, BUGGY_25, HARDENED_25)
    assert headline_runs(whole) == [BUGGY_25, HARDENED_25]
    assert matrix_runs(whole) == [small]


def test_meaning_follows_the_figures() -> None:
    """That loops stay is said only where they stayed, that fixes cost nothing only where they did."""
    storm = spinning("rewatch", cores=phases(0, 0.6, 0.01), demand=phases(0, 0.6, 0.01))
    assert "Closing the page" not in meaning(comparison(storm))
    assert "Closing the page" in meaning(comparison(spinning()))
    assert "through hardened" in meaning(comparison(spinning(), run("hardened")))
