"""A pod's row in a Table, by the rules of the server's printer (`printPod`)."""

from datetime import datetime

from repro.kube.ages import age, short_duration
from repro.kube.objects import Json, metadata

NONE = "<none>"


def cells(pod: Json, now: float) -> list[object]:
    """Give Name, Ready, Status, Restarts, Age, IP, Node, Nominated Node, Readiness Gates."""
    status = pod["status"]
    containers = status.get("containerStatuses", ())
    ready = sum(container["ready"] and "running" in container["state"] for container in containers)
    return [
        metadata(pod)["name"],
        f"{ready}/{len(pod['spec']['containers'])}",
        status_text(pod),
        _restarts(pod, now),
        age(metadata(pod)["creationTimestamp"], now),
        status.get("podIP", NONE),
        pod["spec"].get("nodeName", NONE),
        NONE,
        NONE,
    ]


def conditions(pod: Json) -> list[Json]:
    """Give what a row says of a pod that has ended."""
    messages = {"Succeeded": "The pod has completed successfully.", "Failed": "The pod failed."}
    phase = pod["status"]["phase"]
    if phase not in messages:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": messages[phase]}]


def status_text(pod: Json) -> str:
    """Give the Status cell: the reason that says most about where the pod stands."""
    if "deletionTimestamp" in metadata(pod):
        return "Terminating"
    init = pod["status"].get("initContainerStatuses", ())
    for number, container in enumerate(init):
        if container["state"].get("terminated", {}).get("exitCode") == 0:
            continue
        return _init_text(container["state"], number, len(init))
    reason = pod["status"].get("reason") or pod["status"]["phase"]
    running = False
    for container in reversed(pod["status"].get("containerStatuses", ())):
        state = container["state"]
        if "waiting" in state:
            reason = state["waiting"]["reason"]
        elif "terminated" in state:
            reason = state["terminated"]["reason"]
        running = running or (container["ready"] and "running" in state)
    if reason == "Completed" and running:
        # One container is done, another runs on.
        return "Running" if _is_ready(pod) else "NotReady"
    return str(reason)


def _init_text(state: Json, number: int, total: int) -> str:
    if "terminated" in state:
        return f"Init:{state['terminated']['reason']}"
    waiting = state.get("waiting", {}).get("reason")
    if waiting and waiting != "PodInitializing":
        return f"Init:{waiting}"
    return f"Init:{number}/{total}"


def _is_ready(pod: Json) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", ()))


def _restarts(pod: Json, now: float) -> str:
    """Give the count, and how long ago the last was: `3 (5m ago)`. A string since 1.22, an integer before."""
    containers = pod["status"].get("containerStatuses", ())
    count = sum(container["restartCount"] for container in containers)
    ended = [
        datetime.fromisoformat(container["lastState"]["terminated"]["finishedAt"]).timestamp()
        for container in containers
        if "terminated" in container["lastState"]
    ]
    return f"{count} ({short_duration(now - max(ended))} ago)" if count and ended else str(count)
