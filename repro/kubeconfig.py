"""A kubeconfig that cannot be used, told in a sentence: the official clients tell of it in many ways."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import yaml

from diag.errors import HotloopError


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Let a client load a kubeconfig.

    Raises:
        HotloopError: there is no such file, or the client cannot use it.
    """
    # Each client has a ConfigException of its own, without a common base.
    from kubernetes.aio.config import ConfigException as AioConfigException
    from kubernetes.config import ConfigException

    if not path.is_file():
        raise HotloopError(
            f"there is no kubeconfig at {path}: name one with --kubeconfig; `repro kube` prints one"
        )
    try:
        if not isinstance(yaml.safe_load(path.read_bytes()), dict):
            raise HotloopError(f"{path} is no usable kubeconfig: it holds no clusters, users and contexts")
        yield
    except (
        *(ConfigException, AioConfigException, yaml.YAMLError, OSError),
        *(ValueError, TypeError, KeyError, AttributeError),
    ) as error:
        reason = " ".join(str(error).split())
        raise HotloopError(f"{path} is no usable kubeconfig: {reason}") from error
