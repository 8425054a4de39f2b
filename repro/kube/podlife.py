"""The life of one pod on its node: containers start, write, end, restart; and how the pod is taken away."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NoReturn

import msgspec

from repro.kube.cluster_events import EventRecorder
from repro.kube.containers import Container
from repro.kube.logbuffer import LogBuffer
from repro.kube.nodes import HOST_IP
from repro.kube.objects import Json, annotations_of, key_of, metadata, timestamp
from repro.kube.podstatus import conditions, phase, timed
from repro.kube.script import BACK_OFF_ANNOTATION, Script
from repro.kube.store import Store

KILLED = 137
"""Exit code of a container that was killed: 128 + SIGKILL."""


class Timing(msgspec.Struct, frozen=True):
    """How long things take, in seconds; a real node's figures are given where they differ."""

    create: float = 0.1
    """From a pod's arrival, or the init container before, to a container's start; about 1."""
    notice: float = 0.1
    """From a container's end to the status that says so; up to 1."""
    stop: float = 0.2
    """From SIGTERM to the end of a container that heeds it."""
    back_off: float = 10.0
    """The pause before the second restart (the first comes at once); it doubles with each."""
    longest_back_off: float = 300.0
    pull_failure: float = 0.5
    """From a failed pull to the back-off; about 10."""


class Surroundings(msgspec.Struct, frozen=True):
    """What every pod's life on a node shares."""

    store: Store
    events: EventRecorder
    timing: Timing
    new_log: Callable[[], LogBuffer]


class PodLife:
    """Plays a pod. All it does shows in the store, as a kubelet's doings show in the API."""

    def __init__(
        self, pod: Json, containers: Sequence[Container], surroundings: Surroundings, pod_ip: str
    ) -> None:
        self.containers = containers
        self._around = surroundings
        self._pod = pod
        self._pod_ip = pod_ip
        self._started = timestamp(surroundings.store.clock())
        self._policy: str = pod["spec"]["restartPolicy"]

    async def live(self) -> None:
        """Run the containers: the init containers one by one, then the others together."""
        init = [container for container in self.containers if container.init]
        for container in self.containers if init else ():
            container.wait("PodInitializing")
        self._publish()
        for container in init:
            if await self._keep(container) != 0:
                return
        await asyncio.gather(*(self._keep(c) for c in self.containers if not c.init))

    async def terminate(self, grace: float) -> None:
        """End the running containers: by SIGTERM, or by SIGKILL after `grace` seconds where that is ignored."""
        running = [container for container in self.containers if container.running]
        for container in running:
            self._tell("Killing", f"Stopping container {container.name}", container)
        await asyncio.gather(*(self._stop(container, grace) for container in running))
        self._publish()
        await asyncio.sleep(self._around.timing.notice)

    def kill(self) -> None:
        """End everything at once, without a word."""
        for container in self.containers:
            if container.running:
                container.end(self._around.store.clock(), KILLED)

    async def _keep(self, container: Container) -> int:
        """Run a container, again and again where the restart policy says so; give its last exit code."""
        while True:
            code = await self._run(container)
            done = code == 0 and (container.init or self._policy == "OnFailure")
            if done or self._policy == "Never":
                return code
            await self._pause(container)

    async def _run(self, container: Container) -> int:
        """Run a container once and give its exit code."""
        timing, store = self._around.timing, self._around.store
        await asyncio.sleep(timing.create)
        script = container.script or await self._fail_to_pull(container)
        self._tell("Pulled", f'Container image "{container.image}" already present on machine', container)
        self._tell("Created", f"Created container {container.name}", container)
        log = self._around.new_log()
        container.start(store.clock(), log)
        self._tell("Started", f"Started container {container.name}", container)
        self._publish()
        await _play(script, log)
        container.end(store.clock(), script.exit_code)
        await asyncio.sleep(timing.notice)
        self._publish()
        return script.exit_code

    async def _pause(self, container: Container) -> None:
        """Wait before a restart: not at all before the first, then ever longer."""
        if container.restarts == 0:
            return
        timing = self._around.timing
        asked = annotations_of(self._current or self._pod).get(BACK_OFF_ANNOTATION)
        first = timing.back_off if asked is None else float(asked)
        pause = min(first * 2 ** (container.restarts - 1), timing.longest_back_off)
        whose = f"restarting failed container={container.name} pod={self._name}"
        container.wait("CrashLoopBackOff", f"back-off {_duration(pause)} {whose}")
        self._tell("BackOff", "Back-off restarting failed container", container, warning=True)
        self._publish()
        await asyncio.sleep(pause)

    async def _fail_to_pull(self, container: Container) -> NoReturn:
        """Try for ever to pull an image that cannot be had."""
        timing = self._around.timing
        pause = timing.back_off
        failure = (
            f'Failed to pull image "{container.image}": rpc error: code = Unknown desc = connection refused'
        )
        back_off = f'Back-off pulling image "{container.image}"'
        while True:
            self._tell("Pulling", f'Pulling image "{container.image}"', container)
            self._tell("Failed", failure, container, warning=True)
            self._tell("Failed", "Error: ErrImagePull", container, warning=True)
            container.wait("ErrImagePull", failure.partition(": ")[2])
            self._publish()
            await asyncio.sleep(timing.pull_failure)
            self._tell("BackOff", back_off, container)
            self._tell("Failed", "Error: ImagePullBackOff", container, warning=True)
            container.wait("ImagePullBackOff", back_off)
            self._publish()
            await asyncio.sleep(pause)
            pause = min(pause * 2, timing.longest_back_off)

    async def _stop(self, container: Container, grace: float) -> None:
        """End one container: the runtime forgets it, and a follower is told so, unless it was killed."""
        heeds = container.script is not None and not container.script.ignores_term
        await asyncio.sleep(min(self._around.timing.stop, grace) if heeds else grace)
        identity = container.container_id.partition("://")[2]
        gone = f'rpc error: code = NotFound desc = an error occurred when try to find container "{identity}": not found'
        code, epitaph = (0, gone.encode()) if heeds else (KILLED, b"")
        container.end(self._around.store.clock(), code, epitaph=epitaph)

    @property
    def _current(self) -> Json | None:
        """The pod as it is in the store; None if it is gone, or another has its name."""
        found = self._around.store.get("pods", key_of(self._pod))
        return found if found is not None and metadata(found)["uid"] == metadata(self._pod)["uid"] else None

    @property
    def _name(self) -> str:
        namespace, name = key_of(self._pod)
        return f"{name}_{namespace}({metadata(self._pod)['uid']})"

    def _publish(self) -> None:
        """Write the pod's status into the store."""
        pod = self._current
        if pod is None:
            return
        reached = phase(self.containers, self._policy)
        now = timestamp(self._around.store.clock())
        status: Json = {
            "phase": reached,
            "conditions": timed(
                conditions(self.containers, reached), pod["status"].get("conditions", ()), now
            ),
            "hostIP": HOST_IP,
            "podIP": self._pod_ip,
            "podIPs": [{"ip": self._pod_ip}],
            "startTime": self._started,
        }
        init = [container.status for container in self.containers if container.init]
        if init:
            status["initContainerStatuses"] = init
        regular = [container.status for container in self.containers if not container.init]
        # The kubelet sorts them by name, and init containers not.
        status["containerStatuses"] = sorted(regular, key=lambda entry: str(entry["name"]))
        status["qosClass"] = pod["status"]["qosClass"]
        self._around.store.replace("pods", {**pod, "status": status})

    def _tell(self, reason: str, message: str, container: Container, *, warning: bool = False) -> None:
        pod = self._current
        if pod is not None:
            self._around.events.record(pod, reason, message, warning=warning, container=container.name)


async def _play(script: Script, log: LogBuffer) -> None:
    """Write the script's lines when they are due."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    for step in script.steps():
        due += step.after
        await asyncio.sleep(max(due - loop.time(), 0))
        if step.data:
            log.write(step.data, step.stream)


def _duration(seconds: float) -> str:
    """Give a duration as Go prints it: `10s`, `1m20s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f}m{rest:g}s" if minutes else f"{rest:g}s"
