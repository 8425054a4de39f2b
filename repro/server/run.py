"""The server as a whole: one process, or several on one port. Imports the rest when it knows which."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


def run(
    host: str, port: int, kubeconfig: Path | None, workers: int, announce: Callable[[str, int], None]
) -> int:
    """Serve until a signal ends it, and answer the exit code.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        kubeconfig: names the cluster; kubectl's own by default.
        workers: how many processes share the port.
        announce: called with host and port when the server answers.

    Raises:
        HotloopError: no kubeconfig, the Kubernetes API cannot be used, or the port is taken.
    """
    with shared_metrics() if workers > 1 else contextlib.nullcontext():
        # The metrics library decides at its import whether counts are shared.
        from repro.server.process import default_kubeconfig, listen, run_one
        from repro.server.several import run_several

        kubeconfig = kubeconfig or default_kubeconfig()
        with contextlib.closing(listen(host, port)) as listener:

            def ready() -> None:
                announce(host, listener.getsockname()[1])

            if workers == 1:
                run_one(kubeconfig, listener, ready)
            else:
                run_several(kubeconfig, workers, listener, ready)
    return 0


@contextlib.contextmanager
def shared_metrics() -> Iterator[None]:
    """Let the processes that are forked meanwhile count together, in files of a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="hotloop-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        try:
            yield
        finally:
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]
