"""`repro run` from the first process to the report, and nothing of it left behind."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from diag.storage import load
from repro.bounds import bounded
from repro.pods import Pods

PATIENCE = 60.0


def command(*words: str, output: Path) -> list[str]:
    """Give the command line of a run with short phases."""
    return [sys.executable, "-m", "repro", "run", *words, "--seconds", "1.5", "-o", str(output)]


@contextmanager
def started(*words: str, output: Path) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """Have a run under way whose viewers are there already."""
    with subprocess.Popen(command(*words, output=output), stderr=subprocess.PIPE, text=True) as process:
        try:
            run = psutil.Process(process.pid)
            wait_for(lambda: any("view" in child.cmdline() for child in descendants(run)))
            yield process, run
        finally:
            process.kill()


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """Give those of its descendants that are not zombies."""
    return [child for child in process.children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for a condition, for a minute at the most."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except psutil.NoSuchProcess:
            continue
    pytest.fail("the condition never held")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Run three variants on a finished pod, and give the rows by variant."""
    output = tmp_path_factory.mktemp("run") / "report"
    done = subprocess.run(
        command("--variants", "buggy,fan_out,hardened", "--memory", "192", output=output),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (output / "index.html").exists()
    assert str(output / "index.html") in done.stdout
    comparison = json.loads((output / "comparison.json").read_text())
    assert comparison["schema"] == 1
    return {run["variant"]: {**run, "folder": output} for run in comparison["runs"]}


def test_the_incident_shows(rows: dict[str, dict[str, Any]]) -> None:
    """The buggy server asks for most of a core, also when everybody has left; the hardened one idles."""
    buggy, hardened = rows["buggy"]["demand"], rows["hardened"]["cores"]
    assert min(buggy["viewing"], buggy["after"]) > 0.5
    assert max(hardened["viewing"], hardened["after"]) < 0.2


def test_a_leak_ends_at_the_limit(rows: dict[str, dict[str, Any]]) -> None:
    """The server that leaks is ended at its memory limit, and what was measured until then is there."""
    assert rows["fan_out"]["ended"] == "memory limit"
    assert rows["fan_out"]["tasks"]["live"]["viewing"] > 1000


def test_the_hardened_server_loses_and_leaves_nothing(rows: dict[str, dict[str, Any]]) -> None:
    """Every line once, no task and no connection left."""
    lines = rows["hardened"]["lines"]
    assert lines["received"] == lines["expected"] > 0
    assert lines["lost"] == lines["repeated"] == 0
    assert rows["hardened"]["left"] == {"tasks": 0, "connections": 0}


def test_every_run_has_its_recording(rows: dict[str, dict[str, Any]]) -> None:
    """Each row leads to a recording that can be read again."""
    for run in rows.values():
        recording = load(run["folder"] / run["recording"])
        assert [phase.name for phase in recording.phases][:2] == ["quiet", "viewing"]


def test_a_run_without_its_cluster_is_no_measurement(tmp_path: Path) -> None:
    """Where the embedded API dies meanwhile, the row says so, and the exit code that something was not measured."""
    output = tmp_path / "report"
    with started("--variants", "hardened", output=output) as (process, run):
        for child in descendants(run):
            if "kube" in child.cmdline():
                child.kill()
        assert process.wait(PATIENCE) == 2
    (row,) = json.loads((output / "comparison.json").read_text())["runs"]
    assert row["ended"] == "failed: the Kubernetes API ended too early: ended by SIGKILL"


def test_nothing_survives_ctrl_c(tmp_path: Path) -> None:
    """Interrupted in the middle: exit code 130, and no process left."""
    with started("--variants", "buggy", output=tmp_path / "report") as (process, run):
        children = descendants(run)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert not (tmp_path / "report").exists()


def test_nothing_survives_the_runner(tmp_path: Path) -> None:
    """Even a killed runner takes its processes with it."""
    with started("--variants", "frozen", output=tmp_path / "report") as (process, run):
        children = descendants(run)
        process.kill()
        assert not psutil.wait_procs(children, timeout=10)[1]


@pytest.fixture
def kubeconfig() -> Iterator[Path]:
    """Serve an embedded API that outlives the run, as a real cluster does."""
    serve = bounded([sys.executable, "-m", "repro", "kube", "--pods", "none"], memory=512 << 20, deadline=110)
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Path(process.stdout.readline().strip())
        finally:
            process.terminate()


def test_pods_of_a_cluster_are_removed(tmp_path: Path, kubeconfig: Path) -> None:
    """On a cluster that goes on, the run makes its pods, with the overlay, and takes them away again."""
    spec = tmp_path / "spec.yaml"
    spec.write_text("hostNetwork: true\nimage: registry.example/box:1\n")
    cluster = ["--kubeconfig", str(kubeconfig), "--pod-spec", str(spec)]
    output = tmp_path / "report"
    with started("--variants", "bypass", *cluster, output=output) as (process, _):
        pods = Pods(kubeconfig, namespace="default")
        (name,) = pods.labelled()
        made = pods.spec(name)
        assert process.wait(PATIENCE) == 0
    assert (made["hostNetwork"], made["containers"][0]["image"]) == (True, "registry.example/box:1")
    assert pods.labelled() == []
    assert json.loads((output / "comparison.json").read_text())["cluster"].startswith(pods.address)


def test_pods_of_a_cluster_are_removed_after_ctrl_c(tmp_path: Path, kubeconfig: Path) -> None:
    """An interrupted run leaves no pod behind either."""
    with started("--variants", "bypass", "--kubeconfig", str(kubeconfig), output=tmp_path / "report") as (
        process,
        _,
    ):
        pods = Pods(kubeconfig, namespace="default")
        assert pods.labelled()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    assert pods.labelled() == []
