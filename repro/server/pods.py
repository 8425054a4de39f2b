"""Pods as the log service sees them: the few fields that say how a log goes on.

The official client's models are complete and cost a millisecond a pod; these are decoded straight from the
answer's bytes.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of a pod; fields that are not listed are skipped."""


class Terminated(_Part, frozen=True):
    """How a container's run ended."""

    exit_code: int = 0
    reason: str | None = None
    message: str | None = None


class Waiting(_Part, frozen=True):
    """Why a container does not run."""

    reason: str | None = None
    message: str | None = None


class State(_Part, frozen=True):
    """Exactly one of the three, or nothing yet."""

    waiting: Waiting | None = None
    running: dict[str, str | None] | None = None
    terminated: Terminated | None = None


class ContainerStatus(_Part, frozen=True):
    """What the kubelet says about a container."""

    name: str
    restart_count: int = 0
    state: State = State()
    last_state: State = State()

    @property
    def ended(self) -> Terminated | None:
        """The end of the run whose log the API would give now; None while it runs or never has."""
        if self.state.running is not None:
            return None
        return self.state.terminated or self.last_state.terminated


class Container(_Part, frozen=True):
    """A container of the pod's specification."""

    name: str
    restart_policy: str | None = None
    """Only init containers have one of their own; "Always" makes a sidecar."""


class Metadata(_Part, frozen=True):
    """Which pod, and which version of it."""

    name: str
    namespace: str = "default"
    uid: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    resource_version: str = "0"
    deletion_timestamp: str | None = None


class Spec(_Part, frozen=True):
    """The pod's specification."""

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    restart_policy: Literal["Always", "OnFailure", "Never"] = "Always"


class Status(_Part, frozen=True):
    """The pod's state."""

    phase: str = "Unknown"
    reason: str | None = None
    message: str | None = None
    container_statuses: tuple[ContainerStatus, ...] | None = ()
    init_container_statuses: tuple[ContainerStatus, ...] | None = ()


class Pod(_Part, frozen=True):
    """A pod."""

    metadata: Metadata
    spec: Spec = Spec()
    status: Status = Status()

    @property
    def finished(self) -> bool:
        """Whether none of its containers will ever run again."""
        return self.status.phase in {"Succeeded", "Failed"}

    def container_names(self) -> Iterator[str]:
        """Name the containers in the order in which they start."""
        yield from (container.name for container in (*self.spec.init_containers, *self.spec.containers))

    def container(self, name: str) -> ContainerStatus | None:
        """Give a container's status; None before the kubelet has reported one."""
        reported = (*(self.status.init_container_statuses or ()), *(self.status.container_statuses or ()))
        return next((status for status in reported if status.name == name), None)

    def restarts(self, name: str, exit_code: int) -> bool:
        """Whether the kubelet will run the container again after it ended with `exit_code`."""
        if self.finished or self.metadata.deletion_timestamp is not None:
            return False
        for container in self.spec.init_containers:
            if container.name == name and container.restart_policy != "Always":
                return exit_code != 0 and self.spec.restart_policy != "Never"
            if container.name == name:
                return True
        if self.spec.restart_policy == "OnFailure":
            return exit_code != 0
        return self.spec.restart_policy == "Always"


class PodList(_Part, frozen=True):
    """The answer to a list of pods."""

    items: tuple[Pod, ...]


class Refusal(msgspec.Struct, frozen=True):
    """The Status object that the API answers instead of what was asked for."""

    message: str = ""
    reason: str = ""


class WatchEvent(msgspec.Struct, frozen=True):
    """A line of a watch; `object` is a Pod, or a Status where the type is ERROR."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
    object: msgspec.Raw
