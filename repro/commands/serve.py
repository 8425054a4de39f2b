"""`repro serve`: the log service, in all its variants."""

from pathlib import Path

import click


@click.command(name="serve", short_help="Serve logs over WebSocket, in the faulty and the fixed variants.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--kubeconfig",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The cluster to serve logs of.  [default: $KUBECONFIG or ~/.kube/config]",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Processes that share the port. Each log view goes to the one with the fewest.",
)
def command(host: str, port: int, kubeconfig: Path | None, workers: int) -> int:
    """Serve the logs of a cluster's pods.

    Prints its address when it is ready, and serves until SIGTERM or Ctrl-C; a second one ends it at once.

    \b
    GET /logs/VARIANT/NAMESPACE/POD[?container=NAME]   a log view (WebSocket)
    GET /pods[?namespace=NAME]                         the pods, as JSON
    GET /healthz, GET /metrics
    """  # noqa: D301 - click's mark against re-wrapping
    from repro.server.run import run

    return run(host, port, kubeconfig, workers, announce)


def announce(host: str, port: int) -> None:
    """Print the ready line."""
    address = f"[{host}]" if ":" in host else host
    click.echo(f"http://{address}:{port}")
