"""`repro kube` and `repro serve` as bounded processes of their own, for tests."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from repro.bounds import bounded

MEMORY = 1 << 30
DEADLINE = 60.0

ANSWER_TIMEOUT = 10.0


@contextlib.contextmanager
def process(*arguments: str, deadline: float = DEADLINE) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `repro ARGUMENTS` under limits, and give it with its ready line; kill it at the end."""
    command = bounded([sys.executable, "-m", "repro", *arguments], memory=MEMORY, deadline=deadline)
    with (
        # A process that is killed leaves its temporary files.
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "TMPDIR": folder},
        ) as started,
    ):
        try:
            assert started.stdout is not None
            yield started, started.stdout.readline().strip()
        finally:
            started.kill()


@contextlib.contextmanager
def api(pods: str = "all") -> Iterator[str]:
    """Run the embedded Kubernetes API, and give its kubeconfig."""
    with process("kube", "--pods", pods) as (_, kubeconfig):
        yield kubeconfig


def kubeconfig(folder: Path, server: str) -> str:
    """Write a kubeconfig that names `server`."""
    path = folder / "kubeconfig"
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": server}}],
                "users": [{"name": "u", "user": {}}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "x",
            }
        )
    )
    return str(path)


def fetch(url: str) -> str:
    """Get a page of a server of these tests."""
    with urllib.request.urlopen(url, timeout=ANSWER_TIMEOUT) as answer:  # noqa: S310 - loopback
        body: bytes = answer.read()
    return body.decode()


def pods(url: str) -> list[dict[str, Any]]:
    """List the pods that a log server shows."""
    listed: list[dict[str, Any]] = json.loads(fetch(url + "/pods"))
    return listed


def end(started: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """Signal a process and give its exit code and what it wrote on standard error."""
    os.kill(started.pid, how)
    _, errors = started.communicate(timeout=20)
    return started.returncode, errors


def family(started: subprocess.Popen[str]) -> list[psutil.Process]:
    """Give a process and its children."""
    parent = psutil.Process(started.pid)
    return [parent, *parent.children(recursive=True)]
