"""Tries the gate: `python -m benchmarks.gate_trial -o DIR`, or `--again DIR` to judge what was measured once more.

Twenty planted faults have to be red, the hardened view beside itself never, in quiet and with a busy neighbour; and what
cannot be compared has to be unknown. All runs are real ones of `repro`, with short phases. About half an hour.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from benchmarks.hardened_run import measure
from benchmarks.plants import PLANTS, ROOT, SLOWER, planted
from diag.gate import budget, reading
from diag.gate.judgement import Judgement, Result
from diag.gate.judging import judge
from diag.gate.samples import Sample

POOL = 60
"""Runs of the hardened view, in quiet and with a busy neighbour each."""

EACH = 6
"""Runs of a side in a comparison."""

COMPARED = 50
"""Comparisons of identical code."""

NEIGHBOUR_SECONDS = 3600.0

_NEIGHBOUR = (
    "import sys, time\nend = time.monotonic() + float(sys.argv[1])\nwhile time.monotonic() < end: pass"
)


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, flush=True)  # noqa: T201 - a command


@contextlib.contextmanager
def neighbour() -> Iterator[None]:
    """Have another process want a core, for an hour at the most."""
    with subprocess.Popen([sys.executable, "-c", _NEIGHBOUR, str(NEIGHBOUR_SECONDS)]) as process:
        try:
            yield
        finally:
            process.kill()


def measure_all(folder: Path, pool: int) -> None:
    """Measure the pools, then every fault; what is there already is not measured again."""
    for name, beside in (("quiet", contextlib.nullcontext), ("neighbour", neighbour)):
        with beside():
            for number in range(pool):
                _once(folder / name / f"{number:03}", ROOT)
    for name in PLANTS:
        with tempfile.TemporaryDirectory(prefix="hotloop-plant-") as trees:
            fault, sound = planted(name, Path(trees) / "fault"), planted("", Path(trees) / "sound")
            if name != SLOWER:
                _once(folder / "planted" / name, fault)
                continue
            for number in range(2 * EACH):
                side, tree = ("this", fault) if number % 4 in {1, 2} else ("base", sound)
                _once(folder / "both" / side / f"{number:03}", tree)


def _once(place: Path, tree: Path) -> None:
    if not (place / "comparison.json").exists():
        measure(place, tree)
        say(f"measured {place}")


def by_budget(samples: Sequence[Sample]) -> Judgement:
    """Judge by the project's own budget."""
    return judge(samples, None, budget.read(ROOT / "gate.toml"), baseline_name="")


def beside(before: Sequence[Sample], after: Sequence[Sample]) -> Judgement:
    """Judge beside a baseline."""
    return judge(after, before, None, baseline_name="base")


def identical(folder: Path) -> None:
    """Judge the pools: each run by the budget, and windows of runs as they came, dealt to two sides by turns."""
    for name in ("quiet", "neighbour"):
        places = sorted((folder / name).iterdir())
        samples = reading.read_all(places)
        answers = Counter(by_budget([sample]).answer for sample in samples)
        say(f"identical, {name}, {len(samples)} runs by the budget: {_told(answers)}")
        starts = range(len(samples) - 2 * EACH + 1)
        windows = [(samples[start : start + 2 * EACH], first) for first in (0, 1) for start in starts]
        answers = Counter[Result]()
        for window, first in windows[:COMPARED]:
            sides: tuple[list[Sample], list[Sample]] = ([], [])
            for number, sample in enumerate(window):
                sides[(number % 4 in {1, 2}) ^ first].append(sample)
            answers[beside(*sides).answer] += 1
        total = min(len(windows), COMPARED)
        say(f"identical, {name}, {total} comparisons of {EACH} and {EACH} runs: {_told(answers)}")


def faults(folder: Path) -> None:
    """Judge the faults: each one is to be red."""
    red = 0
    for name in PLANTS:
        if name == SLOWER:
            sides = [reading.read_all([folder / "both" / side]) for side in ("base", "this")]
            judged = beside(*sides)
        else:
            judged = by_budget(reading.read_all([folder / "planted" / name]))
        red += judged.answer == "fail"
        failed = [check for check in judged.checks if check.result == "fail"]
        said = "; ".join(f"{check.rule or check.figure}: {check.text}" for check in failed)
        say(f"  {name:24} {judged.answer:8} {said}")
    say(f"planted faults: {red} of {len(PLANTS)} red")


def incomparable(folder: Path) -> None:
    """Judge what cannot be compared: each is to be unknown."""
    samples = reading.read_all([folder / "quiet"])[: 2 * EACH]
    base, this = samples[::2], samples[1::2]
    other = [
        msgspec.structs.replace(sample, conditions={**sample.conditions, "machine": "another"})
        for sample in base
    ]
    python = [
        msgspec.structs.replace(sample, conditions={**sample.conditions, "Python": "3.8"}) for sample in base
    ]
    cases = {
        "another machine": beside(other, this),
        "another Python": beside(python, this),
        "a run that vanished": beside(base, []),
        "no baseline of it": beside([], this),
        "four runs a side": beside(base[:4], this[:4]),
        "one side after the other": beside(samples[:EACH], samples[EACH:]),
    }
    for name, judged in cases.items():
        say(f"{name}: {judged.answer}")


def _told(answers: Counter[Result]) -> str:
    return f"{answers['fail']} red, {answers['unknown']} unknown, {answers['pass']} green"


def main() -> int:
    """Measure and judge, or judge again."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gate_trial", description=__doc__.splitlines()[0]
    )
    parser.add_argument("-o", "--output", type=Path, help="folder for the runs; a temporary one by default")
    parser.add_argument("--again", type=Path, help="judge the runs of this folder, and measure nothing")
    parser.add_argument(
        "--pool", type=int, default=POOL, help="runs of identical code, in quiet and beside a neighbour"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hotloop-trial-") as scratch:
        folder = (arguments.again or arguments.output or Path(scratch)).resolve()
        if arguments.again is None:
            measure_all(folder, arguments.pool)
        identical(folder)
        faults(folder)
        incomparable(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
