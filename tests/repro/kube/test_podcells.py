"""A pod's row, against the recorded ones."""

from datetime import datetime

import pytest
from kube_helpers import recorded

from repro.kube import podcells

_TABLE = recorded("pods-table.json")
_ROWS = {row["object"]["metadata"]["name"]: row for row in _TABLE["rows"]}
_NOW = datetime.fromisoformat("2026-11-24T07:31:55+00:00").timestamp()
"""About when the Table was recorded."""


@pytest.mark.parametrize("name", ["done", "failed", "two", "badimg", "restart"])
def test_cells_are_the_recorded_ones(name: str) -> None:
    """Each cell of a recorded pod is the server's; Restarts has become a string that tells when."""
    pod, row = recorded(f"pod-{name}.json"), _ROWS[name]
    cells = podcells.cells(pod, _NOW)
    restarts = f"{row['cells'][3]} (95s ago)" if name == "restart" else str(row["cells"][3])
    assert cells == [*row["cells"][:3], restarts, *row["cells"][4:]]
    assert podcells.conditions(pod) == row.get("conditions", [])


@pytest.mark.parametrize(
    ("states", "word"),
    [
        ([{"running": {}}], "Init:0/2"),
        ([{"waiting": {"reason": "PodInitializing"}}], "Init:0/2"),
        ([{"waiting": {"reason": "CrashLoopBackOff"}}], "Init:CrashLoopBackOff"),
        ([{"terminated": {"exitCode": 1, "reason": "Error"}}], "Init:Error"),
        ([{"terminated": {"exitCode": 0}}, {"running": {}}], "Init:1/2"),
        ([{"terminated": {"exitCode": 0}}, {"terminated": {"exitCode": 0}}], "PodInitializing"),
    ],
)
def test_init_containers_come_first(states: list[dict[str, object]], word: str) -> None:
    """As long as an init container is not done, the pod's word is about it."""
    waiting = {"state": {"waiting": {"reason": "PodInitializing"}}, "ready": False}
    pod = {
        "metadata": {},
        "status": {
            "phase": "Pending",
            "initContainerStatuses": [{"state": state} for state in [*states, {"waiting": {}}][:2]],
            "containerStatuses": [waiting],
        },
    }
    assert podcells.status_text(pod) == word


def test_a_pod_that_leaves_is_terminating() -> None:
    """Deletion outdoes every other word."""
    assert podcells.status_text({"metadata": {"deletionTimestamp": "x"}, "status": {}}) == "Terminating"
