"""Where a run's pods live: an embedded API of its own, or a real cluster, which gets them back as they were."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec

from diag.errors import HotloopError
from repro.kube.kinds import KINDS
from repro.pods import RUN_LABEL, Pods, describe, reached

POD_SECONDS = 60.0
"""Seconds that a pod has to reach its state; a crash loop's first back-off takes about 15 on a real cluster."""

POLL = 0.1
"""Seconds between two looks at a pod's state."""


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Where the pods live."""

    kubeconfig: Path | None = None
    """None for an embedded API, a fresh one for each run."""
    namespace: str = "default"
    overlay: dict[str, Any] = {}
    """Merged over each pod's spec."""

    def describe(self) -> str:
        """Say which cluster it is, and so whether it can be used.

        Raises:
            HotloopError: it does not answer, or does not let us in.
        """
        if self.kubeconfig is None:
            return "embedded"
        pods = Pods(self.kubeconfig, namespace=self.namespace)
        return f"{pods.address} ({pods.version()})"

    @contextlib.asynccontextmanager
    async def pods(self, kubeconfig: Path, say: Callable[[str], None]) -> AsyncIterator[Pods]:
        """Have pods for a run, and none of them left behind on a cluster that outlives it.

        Args:
            kubeconfig: the embedded API's, or this cluster's own.
            say: told when pods are being removed.
        """
        pods = await asyncio.to_thread(Pods, kubeconfig, namespace=self.namespace, overlay=self.overlay)
        try:
            yield pods
        finally:
            if self.kubeconfig:
                say("removing pods")
                await asyncio.to_thread(pods.remove)
                await _gone(pods)


async def make(pods: Pods, kind: str) -> str:
    """Make a pod and answer its name; waits for its being made also when cancelled, for then it can be removed."""
    call = asyncio.ensure_future(asyncio.to_thread(pods.make, kind))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        await asyncio.wait({call})
        raise


async def reach(pods: Pods, name: str, kind: str) -> None:
    """Wait until a pod is in the state of its kind.

    Raises:
        HotloopError: it is not, after POD_SECONDS; says what it is instead.
    """
    deadline = time.monotonic() + POD_SECONDS
    while not reached(KINDS[kind], status := await asyncio.to_thread(pods.status, name)):
        if time.monotonic() > deadline:
            raise HotloopError(
                f"the pod {name} is not {kind} after {POD_SECONDS:.0f} s but {describe(status)}:"
                " a real cluster may need --pod-spec (image, nodeName, hostNetwork, ...)"
            )
        await asyncio.sleep(POLL)


async def _gone(pods: Pods) -> None:
    """Wait until the cluster has no pod of this run."""
    deadline = time.monotonic() + POD_SECONDS
    while left := await asyncio.to_thread(pods.left):
        if time.monotonic() > deadline:
            raise HotloopError(
                f"the pods {', '.join(left)} are still there: kubectl delete pod -n {pods.namespace}"
                f" -l {RUN_LABEL}={pods.run}"
            )
        await asyncio.sleep(POLL)
