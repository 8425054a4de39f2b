"""A kubeconfig that cannot be used is told in a sentence, whichever client loads it."""

import asyncio
from pathlib import Path

import pytest

from diag.errors import HotloopError
from repro.pods import Pods
from repro.server.process import load_clients

CONTENTS = [b"", b"text", b"- a", b"{", b"\xff\xfe\x00", b"kind: Config\n", b"clusters: 5"]


@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_no_kubeconfig_is_told(content: bytes, tmp_path: Path) -> None:
    """The run and the server say the same: which file, and that it cannot be used."""
    path = tmp_path / "config"
    path.write_bytes(content)
    said = f"{path} is no usable kubeconfig: "
    with pytest.raises(HotloopError, match=said):
        Pods(path, namespace="default")
    with pytest.raises(HotloopError, match=said):
        asyncio.run(load_clients(path))


def test_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    """It says where one comes from."""
    with pytest.raises(HotloopError, match=r"there is no kubeconfig at .*`repro kube` prints one"):
        Pods(tmp_path / "none", namespace="default")
