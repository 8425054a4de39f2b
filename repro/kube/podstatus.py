"""A pod's status, made from the states of its containers by the kubelet's rules."""

from collections.abc import Sequence

from repro.kube.containers import Container
from repro.kube.objects import Json


def phase(containers: Sequence[Container], restart_policy: str) -> str:
    """Give the phase, as `getPhase` of the kubelet does."""
    init = [container for container in containers if container.init]
    regular = [container for container in containers if not container.init]
    if any(container.exit_code for container in init) and restart_policy == "Never":
        return "Failed"
    if not all(container.ready for container in init):
        return "Pending"
    if not all(container.running or container.ended for container in regular):
        return "Pending"
    if any(container.running for container in regular) or restart_policy == "Always":
        return "Running"
    if all(container.exit_code == 0 for container in regular):
        return "Succeeded"
    return "Failed" if restart_policy == "Never" else "Running"


def conditions(containers: Sequence[Container], reached: str) -> list[Json]:
    """Give the four conditions without their times; `reached` is the pod's phase."""
    init = [container for container in containers if container.init]
    regular = [container for container in containers if not container.init]
    incomplete = [container.name for container in init if not container.ready]
    unready = [container.name for container in regular if not container.ready]
    if reached == "Succeeded":
        done = {"status": "False", "reason": "PodCompleted"}
        return [
            {"type": "Initialized", "status": "True", "reason": "PodCompleted"},
            {"type": "Ready", **done},
            {"type": "ContainersReady", **done},
            {"type": "PodScheduled", "status": "True"},
        ]
    ready = _condition(unready, "ContainersNotReady", "containers with unready status")
    return [
        {
            "type": "Initialized",
            **_condition(incomplete, "ContainersNotInitialized", "containers with incomplete status"),
        },
        {"type": "Ready", **ready},
        {"type": "ContainersReady", **ready},
        {"type": "PodScheduled", "status": "True"},
    ]


def _condition(missing: Sequence[str], reason: str, message: str) -> Json:
    if not missing:
        return {"status": "True"}
    return {"status": "False", "reason": reason, "message": f"{message}: [{' '.join(missing)}]"}


def timed(fresh: Sequence[Json], previous: Sequence[Json], now: str) -> list[Json]:
    """Give conditions their times: one that says the same as before keeps its time."""
    before = {condition["type"]: condition for condition in previous}
    result = []
    for condition in fresh:
        old = before.get(condition["type"])
        changed = old is None or old["status"] != condition["status"]
        since = now if changed or old is None else old["lastTransitionTime"]
        kind, state, *rest = condition.items()
        times = (("lastProbeTime", None), ("lastTransitionTime", since))
        result.append(dict((kind, state, *times, *rest)))
    return result
