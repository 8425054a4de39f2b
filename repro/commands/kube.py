"""`repro kube`: the embedded Kubernetes API, alone."""

import asyncio
import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from repro.kube.kinds import KINDS

HELP = """Serve an embedded Kubernetes API with pods of every kind."""


def _kinds(_context: click.Context, _option: click.Parameter, value: str) -> Sequence[str]:
    """Read the list of kinds."""
    if value in {"all", "none"}:
        return tuple(KINDS) if value == "all" else ()
    kinds = tuple(filter(None, (kind.strip() for kind in value.split(","))))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise click.BadParameter(f"no such kind of pod: {', '.join(unknown)}. There are: {', '.join(KINDS)}")
    return tuple(dict.fromkeys(kinds))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one."
)
@click.option(
    "--kubeconfig",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it; else a temporary file.",
)
@click.option(
    "--pods",
    default="all",
    show_default=True,
    metavar="all|none|KIND,...",
    callback=_kinds,
    help="Pods to begin with, named by their kind.",
)
def command(host: str, port: int, kubeconfig: Path | None, pods: Sequence[str]) -> int:
    """Serve an embedded Kubernetes API with pods of every kind."""
    with _place(kubeconfig) as path:
        return asyncio.run(_serve(host, port, path, pods))


@contextlib.contextmanager
def _place(asked: Path | None) -> Iterator[Path]:
    if asked is not None:
        yield asked
        return
    with tempfile.TemporaryDirectory(prefix="hotloop-kube-") as directory:
        yield Path(directory) / "kubeconfig"


async def _serve(host: str, port: int, path: Path, pods: Sequence[str]) -> int:
    from repro.kube.cluster import running_cluster

    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    async with running_cluster(host=host, port=port, pods=pods) as cluster:
        cluster.write_kubeconfig(path)
        print(path, flush=True)
        await over.wait()
    return 0
