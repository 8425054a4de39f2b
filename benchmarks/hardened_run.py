"""One short run of the hardened view, as the working directory has it: `python -m benchmarks.hardened_run FOLDER`.

The packages of the working directory come first, so a planted tree is measured by standing in it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from repro.caserun import Conditions
from repro.cluster import Cluster
from repro.comparison import Comparison
from repro.runner import Runner
from repro.scenario import Case, Scenario

CASE = Case(variant="hardened", pod="succeeded", views=20)
QUIET, VIEWING, AFTER = 0.3, 1.2, 1.0
"""Seconds of the phases."""

MEMORY = 512 << 20
LIMIT = 120.0
"""Seconds that a run may take, on a busy machine."""


def measure(place: Path, tree: Path) -> None:
    """Run the view of a tree once, in a process of its own, and keep the row in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "benchmarks.hardened_run", str(place.resolve())]
    subprocess.run(command, cwd=tree, env=environment, check=True, timeout=LIMIT)


async def _run() -> Comparison:
    with tempfile.TemporaryDirectory(prefix="hotloop-trial-") as folder:
        scenario = Scenario(cases=(CASE,), quiet=QUIET, viewing=VIEWING, after=AFTER)
        cluster = Cluster(kubeconfig=None, namespace="default", overlay={})
        runner = Runner(Conditions(scenario=scenario, cluster=cluster, memory=MEMORY, folder=Path(folder)))
        await runner.run()
        return runner.comparison(cluster="embedded", command="benchmarks.hardened_run")


def main(place: Path) -> None:
    """Run it, and write the row."""
    comparison = asyncio.run(_run())
    place.mkdir(parents=True, exist_ok=True)
    (place / "comparison.json").write_bytes(msgspec.json.encode(comparison))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
