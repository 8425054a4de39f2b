"""An embedded Kubernetes API for tests, in a thread of its own; raw HTTP; the recordings of a real one."""

import asyncio
import contextlib
import json
import re
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlsplit

from repro.kube.app import KubeApi
from repro.kube.cluster import Cluster, running_cluster
from repro.kube.kinds import KINDS, Kind
from repro.kube.logbuffer import STDERR
from repro.kube.podlife import Timing
from repro.kube.script import Script, Text

GOLDEN = Path(__file__).parent / "repro" / "kube" / "golden"
PODS = "/api/v1/namespaces/default/pods"
FAST = Timing(create=0.02, notice=0.02, stop=0.05, back_off=600, longest_back_off=600, pull_failure=0.05)
PATIENCE = 10.0
"""Seconds that a test waits for what must come."""

_DONE = Script(
    (*(Text(f"line {n}\\n") for n in (1, 2, 3)), *(Text(f"err {n}\\n", STDERR) for n in (1, 2, 3)))
)
_GOLDEN_KINDS = (
    Kind("done", "", {"main": _DONE}),
    Kind("boom", "", {"main": Script((Text("boom\\n"),), exit_code=3)}),
    Kind("nonl", "", {"main": Script((Text("no-newline-end"),))}),
    Kind("start-end", "", {"main": Script((Text("start\\n"), Text("end\\n", after=0.05)))}),
)
ALL_KINDS = {**KINDS, **{kind.name: kind for kind in _GOLDEN_KINDS}}
"""The kinds, and those that write the logs of the recorded pods."""


@contextlib.contextmanager
def cluster_in_thread(
    pods: Sequence[str] = (), timing: Timing = FAST, kinds: dict[str, Kind] = ALL_KINDS
) -> Iterator[Cluster]:
    """Serve an API from another thread until the block ends; its pods have reached their states."""
    box: list[Cluster] = []
    ready, over = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with running_cluster(KubeApi(kinds=kinds, timing=timing), pods=pods) as cluster:
            await asyncio.wait_for(cluster.api.settled(), PATIENCE)
            box.append(cluster)
            ready.set()
            await over.wait()

    thread = threading.Thread(
        target=lambda: asyncio.Runner(loop_factory=lambda: loop).run(serve()), daemon=True
    )
    thread.start()
    assert ready.wait(PATIENCE), "the API did not come up"
    try:
        yield box[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the API did not go down"


class Answer:
    """What an HTTP request was answered."""

    def __init__(self, code: int, headers: Any, body: bytes) -> None:  # noqa: ANN401 - a message or a dict
        self.code = code
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Give the body, decoded."""
        return json.loads(self.body)


def ask(cluster: Cluster, path: str, method: str = "GET", body: object = None, **headers: str) -> Answer:
    """Ask the API; a body is sent as JSON. Headers are named with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        named.setdefault("Content-Type", "application/json")
    request = urllib.request.Request(cluster.url + path, data, named, method=method)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - loopback
            return Answer(response.status, response.headers, response.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def create(cluster: Cluster, manifest: dict[str, Any]) -> dict[str, Any]:
    """Create a pod."""
    answer = ask(cluster, PODS, "POST", manifest)
    assert answer.code == 201, answer.body
    pod: dict[str, Any] = answer.json
    return pod


def until(condition: Callable[[], Any], what: str = "it", patience: float = PATIENCE) -> Any:  # noqa: ANN401 - what the condition gives
    """Wait until a condition gives something true, and give it."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come about")


def until_phase(cluster: Cluster, name: str, phase: str) -> dict[str, Any]:
    """Wait until a pod is in a phase, and give it."""

    def there() -> Any:  # noqa: ANN401 - a pod or nothing
        pod = ask(cluster, f"{PODS}/{name}").json
        return pod if pod.get("status", {}).get("phase") == phase else None

    pod: dict[str, Any] = until(there, f"{name} {phase}")
    return pod


class RawConnection:
    """A connection on which every byte is seen."""

    def __init__(self, cluster: Cluster) -> None:
        url = urlsplit(cluster.url)
        assert url.hostname is not None
        self.socket = socket.create_connection((url.hostname, url.port or 80), timeout=PATIENCE)
        self.received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def get(self, path: str) -> None:
        """Send a request."""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    def read_until(self, mark: bytes) -> bytes:
        """Read up to a mark, and give all before it and the mark itself."""
        while mark not in self.received:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError(self.received)
            self.received += data
        head, _, self.received = self.received.partition(mark)
        return head + mark

    def head(self) -> tuple[int, dict[str, str]]:
        """Read status code and headers."""
        status, *lines = self.read_until(b"\r\n\r\n").decode().strip().split("\r\n")
        return int(status.split()[1]), {
            name.lower(): value for name, value in (line.split(": ") for line in lines)
        }

    def chunk(self) -> bytes:
        """Read one chunk; the last one is empty."""
        size = int(self.read_until(b"\r\n"), 16)
        while len(self.received) < size + 2:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError(self.received)
            self.received += data
        chunk, self.received = self.received[:size], self.received[size + 2 :]
        return chunk

    def chunks(self) -> list[bytes]:
        """Read all chunks but the last."""
        return list(iter(self.chunk, b""))


def recorded(name: str) -> Any:  # noqa: ANN401 - any JSON
    """Give the JSON of a recording; of one with headers, its last line."""
    text = (GOLDEN / name).read_text()
    return json.loads(text if text.startswith("{") else text.strip().splitlines()[-1])


_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
_IDENTIFIERS = {"uid", "resourceVersion", "containerID", "imageID", "podIP", "hostIP", "ip", "nodeName"}


def normal(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Give a value without what differs from one pod to the next: times, identifiers, addresses, owners."""
    if isinstance(value, dict):
        return {
            key: f"<{key}>" if key in _IDENTIFIERS and part else normal(part)
            for key, part in value.items()
            if key not in {"managedFields", "labels", "hostNetwork", "automountServiceAccountToken"}
        }
    if isinstance(value, list):
        return [normal(part) for part in value]
    return "<time>" if isinstance(value, str) and _TIME.match(value) else value


def as_manifest(pod: dict[str, Any], kind: str | None) -> dict[str, Any]:
    """Give a manifest that makes a recorded pod anew, with the log of a kind."""
    spec = {key: part for key, part in pod["spec"].items() if key != "nodeName"}
    meta = {"name": pod["metadata"]["name"]}
    return {
        "metadata": {**meta, "labels": {"hotloop/kind": kind}} if kind else meta,
        "spec": spec,
    }
