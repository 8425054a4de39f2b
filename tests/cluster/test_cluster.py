"""The incident on a real cluster: `HOTLOOP_KUBECONFIG=FILE [HOTLOOP_POD_SPEC=FILE] pytest -m cluster`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from repro.pods import Pods

KUBECONFIG = os.environ.get("HOTLOOP_KUBECONFIG", "")
POD_SPEC = os.environ.get("HOTLOOP_POD_SPEC", "")

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not KUBECONFIG, reason="$HOTLOOP_KUBECONFIG names no cluster"),
]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Run the incident and its cure on the cluster, and give the rows by variant."""
    output = tmp_path_factory.mktemp("cluster") / "report"
    options = ["--pod-spec", POD_SPEC] if POD_SPEC else []
    done = subprocess.run(
        [sys.executable, "-m", "repro", "run", "--variants", "buggy,hardened", "--pods", "succeeded",
         "--kubeconfig", KUBECONFIG, *options, "-o", str(output)],
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {run["variant"]: run for run in json.loads((output / "comparison.json").read_text())["runs"]}


def test_the_incident_is_the_same_there(rows: dict[str, dict[str, Any]]) -> None:
    """The buggy server asks for a core and keeps it; the hardened one idles and loses nothing."""
    assert min(rows["buggy"]["demand"]["viewing"], rows["buggy"]["demand"]["after"]) > 0.8
    assert rows["hardened"]["cores"]["viewing"] < 0.1
    assert rows["hardened"]["lines"]["lost"] == rows["hardened"]["lines"]["repeated"] == 0


@pytest.mark.usefixtures("rows")
def test_no_pod_is_left() -> None:
    """Every pod that was made is gone."""
    pods = Pods(Path(KUBECONFIG), namespace="default")
    assert pods.labelled() == []
