"""Run variants of the log server against pods and write the comparison report."""

import shlex
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diag.arguments import Names, Seconds
from diag.errors import HotloopError
from repro.scenario import VIEWING, Scenario, incident, matrix
from repro.server.names import VARIANTS

if TYPE_CHECKING:
    from repro.cluster import Cluster

MIB = 1 << 20


class PodKinds(Names):
    """Kinds of pods, known once the command runs."""

    def convert(
        self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split and check."""
        from repro.kube.kinds import KINDS

        self.known = tuple(KINDS)
        return super().convert(value, param, ctx)


@click.command()
@click.option("--variants", type=Names(VARIANTS), help=f"Of: {', '.join(VARIANTS)}; or all.")
@click.option("--pods", type=PodKinds(), help="Kinds of pods, which `repro kube --help` lists; or all.")
@click.option("--views", type=click.IntRange(1, 5000), metavar="N", help="Log views opened in each run.")
@click.option(
    "--workers", type=click.IntRange(1, 100), metavar="N", help="Processes of the server in each run."
)
@click.option(
    "--seconds", type=Seconds(1, 600), metavar="S", default=VIEWING, show_default=True,
    help="How long the viewers stay in each run.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, file_okay=False), default=Path("reports/latest"),
    show_default=True, help="Folder of the report; an earlier report there moves to FOLDER.previous.",
)  # fmt: skip
@click.option(
    "--memory", type=click.IntRange(128, 65536), default=1024, show_default=True, metavar="MIB",
    help="Limit of each process; the server that passes it is ended.",
)  # fmt: skip
@click.option(
    "--kubeconfig", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Use this real cluster instead of an embedded API. Pods are made there, and removed at the end.",
)  # fmt: skip
@click.option(
    "-n", "--namespace", metavar="NAME", default="default", show_default=True, help="Where the pods are made."
)
@click.option(
    "--pod-spec", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML merged over each pod's spec: image, nodeName, hostNetwork, ...",
)  # fmt: skip
def command(
    *,
    variants: tuple[str, ...] | None,
    pods: tuple[str, ...] | None,
    views: int | None,
    workers: int | None,
    seconds: float,
    output: Path,
    memory: int,
    kubeconfig: Path | None,
    namespace: str,
    pod_spec: Path | None,
) -> int:
    """Run variants of the log server against pods and write the comparison report.

    Without variants, pods, views and workers it runs the whole incident: every variant on completed and on
    running pods, and 25 workers with one stuck view each. Every process has a memory limit and a deadline,
    and nothing is left running, also after Ctrl-C.
    """
    from repro.cluster import Cluster
    from repro.pods import check_overlay, read_pod_spec

    chosen = (variants, pods, views, workers)
    cases = (
        incident()
        if all(choice is None for choice in chosen)
        else matrix(variants or VARIANTS, pods or ("succeeded",), views=views or 1, workers=workers or 1)
    )
    if pod_spec and not kubeconfig:
        raise click.UsageError("--pod-spec is for a real cluster: give its --kubeconfig too.")
    overlay = read_pod_spec(pod_spec) if pod_spec else {}
    if overlay:
        check_overlay(dict.fromkeys(case.pod for case in cases), overlay)
    cluster = Cluster(
        kubeconfig=kubeconfig.resolve() if kubeconfig else None, namespace=namespace, overlay=overlay
    )
    scenario = Scenario(cases=cases, viewing=seconds)
    return _run(scenario, cluster, memory=memory * MIB, output=output)


def _run(scenario: Scenario, cluster: "Cluster", *, memory: int, output: Path) -> int:
    """Run the scenario, write its report, print the comparison."""
    import asyncio

    from diag.cli import INTERRUPTED
    from diag.console import Output
    from repro import outcome
    from repro.caserun import Conditions
    from repro.report import table, write
    from repro.runner import Runner
    from repro.terminal import shown

    where = cluster.describe()
    place = output.resolve()
    with outcome.building(place) as folder:
        with shown(scenario) as say:
            runner = Runner(Conditions(scenario=scenario, cluster=cluster, memory=memory, folder=folder), say)
            whole = asyncio.run(_until_interrupted(runner.run()))
        if not runner.rows:
            outcome.discard(folder)
            click.echo("repro: interrupted before a run was over, so there is no report", err=True)
            return INTERRUPTED
        comparison = runner.comparison(cluster=where, command=shlex.join(["repro", *sys.argv[1:]]))
        try:
            write(comparison, folder)
            outcome.publish(folder, place)
        except OSError as error:
            raise HotloopError(
                f"the report could not be written: {error.strerror or error}; what was measured is in {folder}:"
                " make room, then `repro report` it"
            ) from error
    table.show(comparison, Output(highlight=False))
    click.echo(f"Report: {output / 'index.html'}")
    failed = [run for run in comparison.runs if run.ended.startswith("failed")]
    for run in failed:
        click.echo(f"repro: {run.variant} on {run.pod}: {run.ended}", err=True)
    if not whole:
        click.echo(f"repro: interrupted after {len(runner.rows)} of {len(scenario.cases)} runs", err=True)
        return INTERRUPTED
    return 2 if failed else 0


async def _until_interrupted(work: Coroutine[None, None, None]) -> bool:
    """Do the work; on Ctrl-C or a request to end, cancel it once and let it clean up. Answer whether it is whole."""
    import asyncio

    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def tell_patience() -> None:
        click.echo("repro: ending processes and removing pods ...", err=True)

    def stop() -> None:
        for number in stops:
            loop.add_signal_handler(number, tell_patience)
        tell_patience()
        task.cancel()

    for number in stops:
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        return False
    return True
