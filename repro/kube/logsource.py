"""Which run's log a request means, or why there is none: the checks of API server and kubelet, in their order."""

from repro.kube import nodes
from repro.kube.faults import Faults
from repro.kube.kubelet import Kubelet
from repro.kube.logbuffer import LogBuffer
from repro.kube.logoptions import LogOptions
from repro.kube.objects import Json, metadata
from repro.kube.pods import containers_of, init_containers_of
from repro.kube.status import ApiError, bad_request, not_found

_WAITING_FOR_IMAGE = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


class NoContent(Exception):  # noqa: N818 - an answer, not an error
    """The pod is on no node yet: the answer is 204 without a body."""


def find_log(pod: Json, options: LogOptions, kubelet: Kubelet, faults: Faults) -> LogBuffer:
    """Give the log that a request means.

    Raises:
        ApiError: there is none; code and message are the server's.
        NoContent: the pod is on no node yet.
    """
    container = _choose_container(pod, options.container)
    node = pod["spec"].get("nodeName")
    if not node:
        raise NoContent
    if node != nodes.NODE:
        # The server says "pods" and the node's name.
        raise not_found("pods", node)
    if faults.kubelet_down:
        raise _unreachable(pod, container, options)
    container_id = _choose_run(pod, container, previous=options.previous)
    log = kubelet.log(pod, container_id)
    return _lost(pod, container) if log is None else log


def _choose_container(pod: Json, asked: str) -> str:
    """Give the container asked for, or the only one there is."""
    name: str = metadata(pod)["name"]
    regular = [container["name"] for container in containers_of(pod)]
    everything = [container["name"] for container in init_containers_of(pod)] + regular
    if asked:
        if asked not in everything:
            raise bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    match regular:
        case [only]:
            return str(only)
        case []:
            raise bad_request(f"a container name must be specified for pod {name}")
    choice = " ".join(everything)
    raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{choice}]")


def _choose_run(pod: Json, container: str, *, previous: bool) -> str:
    """Give the container id of the run, by the rules of the kubelet's validateContainerLogStatus."""
    name = metadata(pod)["name"]
    status = _container_status(pod, container)
    if status is None:
        raise bad_request(f'container "{container}" in pod "{name}" is not available')
    state, last = status["state"], status["lastState"].get("terminated")
    if previous:
        if last is None:
            raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
        return str(last["containerID"])
    if "running" in state:
        return str(status["containerID"])
    if "terminated" in state:
        return str(state["terminated"]["containerID"])
    if last is not None:
        return str(last["containerID"])
    if "waiting" in state:
        reason = state["waiting"]["reason"]
        why = _WAITING_FOR_IMAGE.get(reason, reason)
        raise bad_request(f'container "{container}" in pod "{name}" is waiting to start: {why}')
    raise bad_request(f'container "{container}" in pod "{name}" is waiting to start - no logs yet')


def _container_status(pod: Json, container: str) -> Json | None:
    every = [
        *pod["status"].get("initContainerStatuses", ()),
        *pod["status"].get("containerStatuses", ()),
    ]
    return next((status for status in every if status["name"] == container), None)


def _unreachable(pod: Json, container: str, options: LogOptions) -> ApiError:
    """Give the API server's own words for a kubelet that does not answer."""
    meta = metadata(pod)
    path = f"containerLogs/{meta['namespace']}/{meta['name']}/{container}"
    query = "?follow=true" if options.follow else ""
    refused = "dial tcp 127.0.0.1:10250: connect: connection refused"
    return ApiError(500, f'Get "https://localhost:10250/{path}{query}": {refused}', reason=None)


def _lost(pod: Json, container: str) -> LogBuffer:
    """Give what is served where the log file is missing: 200, with the failure as its text."""
    meta = metadata(pod)
    path = f"/var/log/pods/{meta['namespace']}_{meta['name']}_{meta['uid']}/{container}/0.log"
    log = LogBuffer()
    log.write(
        f'failed to try resolving symlinks in path "{path}": lstat {path}: no such file or directory'.encode()
    )
    log.close()
    return log
