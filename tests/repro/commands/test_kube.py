"""`repro kube` as its user runs it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path

import pytest
import yaml

DEADLINE = 20.0


@contextmanager
def _running(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """Run the command until the block ends; give the process and the kubeconfig's path."""
    process = subprocess.Popen(
        [sys.executable, "-m", "repro", "kube", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=DEADLINE)


def _url(kubeconfig: Path) -> str:
    config = yaml.safe_load(kubeconfig.read_text())
    url: str = config["clusters"][0]["cluster"]["server"]
    return url


def _opened(url: str) -> HTTPResponse:
    response: HTTPResponse = urllib.request.urlopen(url, timeout=DEADLINE)  # noqa: S310 - loopback
    return response


def _failure(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "repro", "kube", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_it_serves_the_pods_asked_for_and_ends_in_order() -> None:
    """The first line is the kubeconfig's path; the pods are there; SIGTERM ends it with 0 and removes the file."""
    with _running("--pods", "succeeded,unscheduled") as (process, kubeconfig):
        with _opened(f"{_url(kubeconfig)}/api/v1/pods") as response:
            pods = json.load(response)["items"]
        assert {pod["metadata"]["name"]: pod["status"]["phase"] for pod in pods} == {
            "succeeded": "Succeeded",
            "unscheduled": "Pending",
        }
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=DEADLINE)
        assert process.returncode == 0
        assert "20 lines at once, then exit code 0" in errors
        assert f"kubectl --kubeconfig {kubeconfig} logs -f succeeded" in errors
        assert not kubeconfig.exists()


def test_it_ends_with_a_follow_open() -> None:
    """Ctrl-C does not wait for a client that follows."""
    with _running("--pods", "running") as (process, kubeconfig):
        url = f"{_url(kubeconfig)}/api/v1/namespaces/default/pods/running/log?follow=true"
        with _opened(url) as response:
            assert response.read(7) == b"line 1\n"
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=DEADLINE)
        assert process.returncode in {0, 130}
        assert time.monotonic() - begun < DEADLINE / 2


def test_the_kubeconfig_goes_where_it_is_asked_for(tmp_path: Path) -> None:
    """`--kubeconfig` names the file, which is left there."""
    path = tmp_path / "config"
    with _running("--pods", "none", "--kubeconfig", str(path)) as (process, printed):
        assert printed == path
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=DEADLINE)
    assert path.exists()


def test_a_port_in_use_is_a_sentence() -> None:
    """A port that is taken is exit code 2 and one line that says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, errors = _failure("--port", str(port), "--pods", "none")
    assert code == 2
    assert (
        errors
        == f"repro: cannot listen on 127.0.0.1:{port}: Address already in use; choose another --host or --port\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--pods", "succeeded,nosuch"), "no 'nosuch' is known. There are running"),
        (("--port", "99999"), "99999 is not in the range"),
        (("--host", "256.1.1.1", "--pods", "none"), "cannot listen on 256.1.1.1"),
        (
            ("--kubeconfig", "/nosuch/place/config", "--pods", "none"),
            "cannot write the kubeconfig to /nosuch/place",
        ),
        (("--kubeconfig", os.devnull + "/x", "--pods", "none"), "cannot write the kubeconfig"),
    ],
)
def test_wrong_words_are_a_sentence(arguments: tuple[str, ...], words: str) -> None:
    """What cannot be done is exit code 2 and words, never a traceback."""
    code, errors = _failure(*arguments)
    assert code == 2
    assert words in errors
    assert "Traceback" not in errors
