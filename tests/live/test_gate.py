"""The gate on the hardened view: green as it is, red with each fault planted."""

import copy
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from benchmarks.hardened_run import measure
from benchmarks.plants import PLANTS, ROOT, planted
from diag.gate import budget, reading
from diag.gate.judgement import Judgement
from diag.gate.judging import judge

pytestmark = pytest.mark.timeout(300)  # six runs, also where the machine is busy

FAULTY = ("buggy", "frozen", "half_fixed", "fan_out", "rewatch")
"""Variants that stand in the hardened one's place, as if somebody had put them there. `benchmarks.gate_trial` has more."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the hardened view as it is and with faults planted in its source, two at a time."""
    folder = tmp_path_factory.mktemp("gate")
    trees = {name: planted(name, folder / "trees" / name) for name in FAULTY}
    assert set(FAULTY) <= set(PLANTS)
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda name: measure(folder / name, trees.get(name, ROOT)), ("hardened", *FAULTY)):
            pass
    return folder


def judged(folder: Path) -> Judgement:
    """Judge by the project's own budget."""
    return judge(reading.read_all([folder]), None, budget.read(ROOT / "gate.toml"), baseline_name="")


def test_the_hardened_view_is_green(runs: Path) -> None:
    """Every check of the budget could be made, and passed."""
    found = judged(runs / "hardened")
    assert found.answer == "pass", [check.text for check in found.checks if check.result != "pass"]


@pytest.mark.parametrize("name", FAULTY)
def test_a_planted_fault_is_red(runs: Path, name: str) -> None:
    """The subject is the hardened view: nothing tells the gate what was put there."""
    found = judged(runs / name)
    assert {check.subject for check in found.checks} == {"succeeded.hardened, 20 views"}
    assert found.answer == "fail"


def burning(run: dict[str, Any]) -> None:
    """A core more."""
    run["cpu_seconds"]["viewing"] += 1.2


def leaving_tasks(run: dict[str, Any]) -> None:
    """A task for each view."""
    run["left"]["tasks"] += run["views"]


def losing_a_line(run: dict[str, Any]) -> None:
    """One of all."""
    run["lines"]["lost"] += 1


def turning(run: dict[str, Any]) -> None:
    """A tenth of a second of a slow spin."""
    run["empty_turns"]["viewing"] += 5000


@pytest.mark.parametrize("plant", [burning, leaving_tasks, losing_a_line, turning])
def test_a_figure_that_is_worse_is_red(
    runs: Path, tmp_path: Path, plant: Callable[[dict[str, Any]], None]
) -> None:
    """The real run, with one figure changed: exactly one check fails."""
    comparison = copy.deepcopy(json.loads((runs / "hardened" / "comparison.json").read_text()))
    plant(comparison["runs"][0])
    (tmp_path / "comparison.json").write_text(json.dumps(comparison))
    found = judged(tmp_path)
    assert (found.answer, found.count("fail")) == ("fail", 1)
