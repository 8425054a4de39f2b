"""Runs the cases of a corpus, and the project's own, one at a time, and prints what `diag inspect` says of each."""

import fnmatch
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec
from rich.console import Console

from benchmarks.corpus import judging, table
from benchmarks.corpus.judging import Judgement
from benchmarks.corpus.manifest import Case, Corpus, load
from benchmarks.corpus.session import Session
from benchmarks.corpus.session import again as kept
from diag.arguments import Seconds
from diag.errors import HotloopError

HERE = Path(__file__).parent
TARGETS = HERE.parents[1] / "tests" / "live" / "targets"


@click.command()
@click.option(
    "--corpus", type=click.Path(path_type=Path, exists=True, file_okay=False), envvar="HOTLOOP_CORPUS",
    help="Folder with a manifest.json of more cases, beside the project's own.",
)  # fmt: skip
@click.option(
    "--venvs", type=click.Path(path_type=Path, file_okay=False), envvar="HOTLOOP_VENVS",
    default=Path("~/.cache/hotloop-corpus").expanduser(), show_default="~/.cache/hotloop-corpus",
    help="Folder of the virtual environments that manifests name.",
)  # fmt: skip
@click.option("--only", metavar="PATTERN,...", help="Cases by name; * and ? stand for any characters.")
@click.option("--own/--no-own", default=True, help="Whether the project's own cases are run.")
@click.option("--twins/--no-twins", default=True, help="Whether the healthy versions are run as well.")
@click.option("--runs", type=click.IntRange(1, 100), default=1, show_default=True, help="Of each case.")
@click.option("--seconds", type=Seconds(0.5, 60), default=3.0, show_default=True, help="That inspect looks.")
@click.option("--neighbour", is_flag=True, help="Keep a core busy beside each case.")
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), help="Folder to keep recordings in."
)
@click.option(
    "--again", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Judge the recordings that were kept in this folder, and run nothing.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="File for the judgements, as JSON.",
)  # fmt: skip
def main(  # noqa: PLR0913, PLR0917 - as many as it has options
    corpus: Path | None, venvs: Path, only: str | None, runs: int, seconds: float, keep: Path | None,
    again: Path | None, output: Path | None, *, own: bool, twins: bool, neighbour: bool,
) -> None:  # fmt: skip
    """Inspect every case of a corpus, and judge the answers; exit code 1 if they are not good enough."""
    try:
        causes = msgspec.json.decode((HERE / "causes.json").read_bytes(), type=dict[str, tuple[str, ...]])
        corpora = [load(TARGETS)] if own else []
        corpora += [load(corpus, causes)] if corpus else []
    except HotloopError as error:
        raise click.ClickException(str(error)) from None
    work = [(each, case) for each in corpora for case in each.cases if wanted(case.name, only)]
    if not work:
        raise click.UsageError("No case has such a name." if only else "There is no case to run.")
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    session = Session(venvs=venvs, window=seconds, neighbour=neighbour, keep=keep)
    try:
        judgements = tuple(
            kept(again, [case for _, case in work]) if again else progress(session, work * runs, twins=twins)
        )
    except HotloopError as error:
        raise click.ClickException(str(error)) from None
    total = judging.score(judgements)
    Console().print(table.table(judgements))
    for note in session.not_run:
        click.echo(f"not run: {note}")
    click.echo(table.sentence(total))
    if output:
        save(output, {"score": total, "cases": judgements, "not_run": session.not_run})
    sys.exit(0 if total.enough else 1)


def save(output: Path, result: dict[str, object]) -> None:
    """Write the result as JSON."""
    try:
        output.write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from None


def wanted(name: str, only: str | None) -> bool:
    """Whether a case was asked for."""
    return only is None or any(fnmatch.fnmatchcase(name, pattern.strip()) for pattern in only.split(","))


def progress(session: Session, work: list[tuple[Corpus, Case]], *, twins: bool) -> Iterator[Judgement]:
    """Run cases, and write each judgement as it comes, for the whole takes many minutes."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for number, (corpus, case) in enumerate(work, 1):
        for twin in (False, True)[: 1 + (twins and case.twin is not None)]:
            judgement = session.run(corpus, case, twin=twin)
            if judgement is not None:
                cells = " | ".join(str(cell) for cell in table.row(judgement))
                console.print(
                    f"{number}/{len(work)} {cells}", markup=False, style="" if judgement.right else "red"
                )
                yield judgement


if __name__ == "__main__":
    main()
