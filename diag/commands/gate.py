"""`diag gate`: measured runs judged by a budget, and beside those of another revision."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diag.commands import _answer
from diag.errors import HotloopError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diag.gate.budget import Budget
    from diag.gate.judgement import Judgement
    from diag.gate.samples import Sample

HELP = """Judge measured runs by a budget, and beside those of another revision.

RUN is a folder of `repro run`, a recording of `diag record`, pytest-benchmark's JSON, or a folder with several of
these; each is a repeat. With --run-both REF the command behind -- is run by turns here and in a checkout of REF, and
its runs are judged: {output} in it stands for where it is to write.

\b
Exit code: 0 no regression, 1 a regression, 2 unknown (too few or too noisy
runs, another machine, a run that vanished) or usage; unknown is never a pass.
Examples: diag gate reports/latest --budget gate.toml
          diag gate this/ --baseline base/ --format markdown
          diag gate --run-both main -- repro run --variants hardened -o {output}
Docs: docs/gate.md."""

FORMATS: "Sequence[_answer.Format]" = ("text", "json", "markdown", "html", "junit", "github")


@click.command("gate", help=HELP, context_settings={"ignore_unknown_options": False})
@click.argument("words", metavar="[RUN]...", nargs=-1)
@click.option(
    "--budget",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Limits of the figures.  [default: gate.toml here, or [tool.hotloop.gate] of pyproject.toml]",
)
@click.option(
    "--baseline", metavar="DIR", type=click.Path(path_type=Path), multiple=True,
    help="Runs of another revision to compare with; several are repeats.",
)  # fmt: skip
@click.option(
    "--run-both",
    "reference",
    metavar="REF",
    help="Measure here and in a checkout of this revision, by turns.",
)
@click.option(
    "--runs",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="With --run-both: runs of each side.  [default: 10]",
)
@click.option(
    "--keep",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="With --run-both: keep the runs there, in base/ and this/.",
)
@click.option(
    "--run-limit", type=click.FloatRange(1, 86400), default=600.0, show_default=True, metavar="S",
    help="With --run-both: seconds after which a run is ended.",
)  # fmt: skip
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="[default: text, or as the output's suffix says]"
)
@click.option(
    "-o", "--output", metavar="FILE|DIR",
    help="Write to a file (its suffix may tell the format: .html, .md, .json, .xml, .txt), or into a directory.",
)  # fmt: skip
def command(
    *,
    words: tuple[str, ...],
    budget: Path | None,
    baseline: tuple[Path, ...],
    reference: str | None,
    runs: int | None,
    keep: Path | None,
    run_limit: float,
    form: str | None,
    output: str | None,
) -> int:
    """Read, or measure; judge; answer."""
    to = _answer.destination(form, output, "gate", formats=FORMATS)
    limits = _budget(budget)
    if reference is None:
        if runs is not None or keep is not None:
            raise click.UsageError("--runs and --keep are for --run-both REF.")
        return _judge_files(tuple(map(Path, words)), baseline, limits, to)
    if baseline:
        raise click.UsageError("--run-both measures its own baseline: leave --baseline out.")
    return _measure_both(reference, words, limits, to, runs=runs, keep=keep, run_limit=run_limit)


def _budget(file: Path | None) -> "Budget | None":
    from diag.gate import budget

    return budget.find(Path()) if file is None else budget.read(file)


def _judge_files(
    paths: tuple[Path, ...], baseline: tuple[Path, ...], limits: "Budget | None", to: _answer.Destination
) -> int:
    """Judge what was measured before."""
    from diag.gate import reading

    if not paths:
        raise click.UsageError("Missing argument RUN: what is to be judged?")
    if not baseline and (limits is None or not limits.tables):
        raise HotloopError(
            "There is nothing to judge by: give --budget FILE or --baseline DIR, or write a gate.toml"
            " (docs/gate.md shows one)."
        )
    samples = reading.read_all(paths)
    before = reading.read_all(baseline) if baseline else None
    if before and (same := {sample.place for sample in samples} & {sample.place for sample in before}):
        raise HotloopError(
            f"{min(same)} is among the runs and in the baseline as well: a run is no baseline of itself."
        )
    return _answered(samples, before, limits, to, name=", ".join(map(str, baseline)))


def _measure_both(
    reference: str,
    words: tuple[str, ...],
    limits: "Budget | None",
    to: _answer.Destination,
    *,
    runs: int | None,
    keep: Path | None,
    run_limit: float,
) -> int:
    """Measure both revisions by turns, and judge."""
    from diag.commands import _gate_progress
    from diag.gate import both, statistics

    statistics.check_library()
    words = words or (limits.command if limits else ())
    count = runs or (limits.runs if limits else None) or both.RUNS
    # Ended by a supervisor, the checkout is to be removed as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plan = both.Plan(reference=reference, command=words, runs=count, limit=run_limit, keep=keep)
    with _gate_progress.shown(2 * count) as tell:
        measured = both.measure(plan, tell)
    return _answered(measured.this, measured.base, limits, to, name=measured.name)


def _answered(
    samples: "Sequence[Sample]",
    before: "Sequence[Sample] | None",
    limits: "Budget | None",
    to: _answer.Destination,
    *,
    name: str,
) -> int:
    """Judge, write, and give the exit code."""
    from diag.gate.judging import judge
    from diag.reports import gate_words, github

    judged = judge(samples, before, limits, baseline_name=name)
    to.give(_rendered(judged, samples, before or (), to), gate_words.sentence(judged))
    from diag.reports import gate_markdown

    github.add_summary(gate_markdown.render(judged))
    return {"pass": _answer.HEALTHY, "fail": _answer.AGAINST, "unknown": _answer.COULD_NOT}[judged.answer]


def _rendered(
    judged: "Judgement", samples: "Sequence[Sample]", before: "Sequence[Sample]", to: _answer.Destination
) -> str:
    """Render; each format is imported when it is wanted."""
    import importlib

    if to.form == "text":
        from diag.reports import gate_text

        width = _answer.columns() if to.path is None else 80
        return gate_text.render(judged, width=width, colour=_answer.coloured(to))
    if to.form == "html":
        from diag.reports import gate_page

        return gate_page.render(judged, samples, before)
    module = {"json": "gate_contract"}.get(to.form, f"gate_{to.form}")
    return str(importlib.import_module(f"diag.reports.{module}").render(judged))
