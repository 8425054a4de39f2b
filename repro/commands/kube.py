"""`repro kube`: the embedded Kubernetes API, alone."""

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from diag.arguments import Names
from diag.errors import HotloopError
from repro.kube.cluster import Cluster, running_cluster
from repro.kube.kinds import KINDS

SETTLING = 5.0
"""Seconds that the pods have to reach their states before the cluster is called ready all the same."""


class _Kinds(Names):
    """Kinds of pods; also none."""

    def convert(
        self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split and check."""
        return () if value == "none" else super().convert(value, param, ctx)


@click.command(epilog=f"Kinds of pods: {', '.join(KINDS)}.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one."
)
@click.option(
    "--kubeconfig",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it. Default: a temporary file, removed at the end.",
)
@click.option(
    "--pods",
    default="all",
    show_default=True,
    metavar="all|none|KIND,...",
    type=_Kinds(KINDS),
    help="Kinds of pods to begin with; each gets the name of its kind.",
)
def command(host: str, port: int, kubeconfig: Path | None, pods: Sequence[str]) -> int:
    """Serve an embedded Kubernetes API with pods of every kind.

    Prints the path of a kubeconfig once all is ready; kubectl and the official clients work with it. Ctrl-C ends
    it. A pod made with the label hotloop/kind=KIND plays that kind; the annotation hotloop/fault makes its log
    fail.
    """
    with _place(kubeconfig) as path:
        return asyncio.run(_serve(host, port, path, pods))


@contextlib.contextmanager
def _place(asked: Path | None) -> Iterator[Path]:
    """Give a place for the kubeconfig."""
    if asked is not None:
        yield asked
        return
    with tempfile.TemporaryDirectory(prefix="hotloop-kube-") as directory:
        yield Path(directory) / "kubeconfig"


async def _serve(host: str, port: int, path: Path, pods: Sequence[str]) -> int:
    """Serve until a signal says to end."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    async with running_cluster(host=host, port=port, pods=pods) as cluster:
        try:
            cluster.write_kubeconfig(path)
        except OSError as error:
            raise HotloopError(f"cannot write the kubeconfig to {path}: {error.strerror}") from error
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(cluster.api.settled(), SETTLING)
        _introduce(cluster, path, pods)
        click.echo(path)
        await over.wait()
    return 0


def _introduce(cluster: Cluster, path: Path, pods: Sequence[str]) -> None:
    """Tell on standard error what is served and how to try it."""
    click.echo(f"Kubernetes API at {cluster.url}, metrics at {cluster.url}/metrics", err=True)
    width = max(map(len, pods), default=0)
    for kind in pods:
        click.echo(f"  {kind:{width}}  {KINDS[kind].summary}", err=True)
    example = f"logs -f {pods[0]}" if pods else "get pods"
    click.echo(f"Try: kubectl --kubeconfig {path} {example}", err=True)
