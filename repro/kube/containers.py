"""One container of a pod as the kubelet knows it: its state, its runs and their logs."""

import hashlib
import uuid
from typing import Any

from repro.kube.logbuffer import LogBuffer
from repro.kube.objects import Json, timestamp
from repro.kube.script import Script


class Container:
    """A container's state, in the words of a pod's status."""

    def __init__(self, spec: Json, script: Script | None, *, init: bool) -> None:
        self.name: str = spec["name"]
        self.image: str = spec["image"]
        self.script = script
        """None where the image cannot be had."""
        self.init = init
        self.state: Json = {"waiting": {"reason": "PodInitializing" if init else "ContainerCreating"}}
        self.last_state: Json = {}
        self.restarts = -1
        self.container_id = ""
        self.logs: dict[str, LogBuffer] = {}
        """The logs kept, by container id: of the current run and of the one before."""
        self._started_at = ""

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return "running" in self.state

    @property
    def terminated(self) -> dict[str, Any] | None:
        """How its current run ended, where it has."""
        return self.state.get("terminated")

    @property
    def ended(self) -> bool:
        """Whether its current run has ended, or its last one where it waits for another."""
        return "terminated" in self.state or ("waiting" in self.state and "terminated" in self.last_state)

    @property
    def exit_code(self) -> int | None:
        """The exit code of the run that `ended` speaks of."""
        ended = self.state.get("terminated") or self.last_state.get("terminated")
        return None if ended is None else ended["exitCode"]

    @property
    def ready(self) -> bool:
        """Whether it is ready; an init container is once it has succeeded."""
        if self.init:
            return self.terminated is not None and self.terminated["exitCode"] == 0
        return self.running

    def start(self, now: float, log: LogBuffer) -> None:
        """Begin a new run, with a log of its own."""
        if self.terminated is not None:
            self.last_state = self.state
        self.restarts += 1
        kept = {key: old for key, old in self.logs.items() if key == self.container_id}
        self.container_id = f"containerd://{uuid.uuid4().hex}{uuid.uuid4().hex}"
        self.logs = {**kept, self.container_id: log}
        self._started_at = timestamp(now)
        self.state = {"running": {"startedAt": self._started_at}}

    def end(self, now: float, exit_code: int, *, epitaph: bytes = b"") -> None:
        """End the run and its log, with what followers are still told where the pod is taken away."""
        if self.log is not None:
            self.log.close(epitaph)
        self.state = {
            "terminated": {
                "exitCode": exit_code,
                "reason": "Error" if exit_code else "Completed",
                "startedAt": self._started_at,
                "finishedAt": timestamp(now),
                "containerID": self.container_id,
            }
        }

    def wait(self, reason: str, message: str | None = None) -> None:
        """Say what it waits for; a run that has ended becomes the last one."""
        if self.terminated is not None:
            self.last_state = self.state
        waiting = {"reason": reason}
        if message is not None:
            waiting["message"] = message
        self.state = {"waiting": waiting}

    @property
    def log(self) -> LogBuffer | None:
        """The log of the current run; None before the first."""
        return self.logs.get(self.container_id)

    @property
    def status(self) -> Json:
        """Give its entry in the pod's status."""
        status: Json = {
            "name": self.name,
            "state": self.state,
            "lastState": self.last_state,
            "ready": self.ready,
            "restartCount": max(self.restarts, 0),
            "image": self.image,
            "imageID": f"sha256:{hashlib.sha256(self.image.encode()).hexdigest()}"
            if self.container_id
            else "",
        }
        if self.container_id:
            status["containerID"] = self.container_id
        if not self.init:
            status["started"] = self.running
        return status
