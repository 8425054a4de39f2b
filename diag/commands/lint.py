"""`diag lint`: faults in source, without a process."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diag.commands import _lint_output
from diag.errors import HotloopError

if TYPE_CHECKING:
    from diag.lint.finding import Checked, Outcome
    from diag.lint.settings import Settings

PASSED, FAULTS, COULD_NOT = 0, 1, 2
"""Exit codes."""

HELP = """Find the fault in source before it burns a core: a break that says that the work is over and leaves only
an inner loop (HL001), a loop whose only pause is sleep(0) (HL003).

PATH is a file or a directory; - is standard input. A comment accepts a finding: # diag: ignore[HL001] with the
reason behind it. [tool.hotloop] in pyproject.toml holds select, ignore and exclude.

\b
Exit code: 0 no faults, 1 faults, 2 a file could not be checked, or there was
none.
Example: diag lint src --format sarif -o lint.sarif
Docs: docs/lint.md."""


class Codes(click.ParamType[tuple[str, ...]]):
    """Codes of rules, divided by commas."""

    name = "CODE,..."

    def convert(
        self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split."""
        if isinstance(value, tuple):
            return value
        codes = tuple(filter(None, (part.strip().upper() for part in value.split(","))))
        return codes or self.fail("no code is given.", param, ctx)


def _explain(context: click.Context, _: click.Parameter, code: str | None) -> None:
    """Print the page of a cause, and leave."""
    if code is None or context.resilient_parsing:
        return
    from diag.arguments import did_you_mean
    from diag.lint import explaining
    from diag.lint.rules import CATALOGUED

    if code.upper() not in CATALOGUED:
        hint = did_you_mean(code.upper(), sorted(CATALOGUED))
        raise HotloopError(
            f"No cause {code!r} is known.{hint} `diag lint --help` and docs/causes tell of them."
        )
    text = explaining.page(code.upper())
    if sys.stdout.isatty():
        from rich.markdown import Markdown

        from diag.console import Output

        Output().print(Markdown(text))
    else:
        click.echo(text, nl=False)
    context.exit()


@click.command("lint", help=HELP)
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(_lint_output.FORMATS),
    help="[default: text, or as the file's suffix says]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to a file (.sarif, .json and .xml tell the format).",
)
@click.option("--select", type=Codes(), help="Look for these rules only.")
@click.option("--ignore", type=Codes(), help="Leave these rules out, in addition to those of pyproject.toml.")
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave files and directories out, in addition; can be repeated.",
)
@click.option(
    "--force-exclude",
    is_flag=True,
    help="Leave out also files that are named, as hooks name whatever has changed.",
)
@click.option("--stdin-filename", metavar="FILE", help="What standard input is called.")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes at most.  [default: one for each core]")
@click.option(
    "--explain",
    metavar="CODE",
    callback=_explain,
    is_eager=True,
    expose_value=False,
    help="Print the page of a cause, and leave.",
)
def command(  # noqa: PLR0917 - click gives them by name
    paths: tuple[Path, ...],
    form: str | None,
    output: Path | None,
    select: tuple[str, ...] | None,
    ignore: tuple[str, ...] | None,
    exclude: tuple[str, ...],
    force_exclude: bool,  # noqa: FBT001 - likewise
    stdin_filename: str | None,
    jobs: int | None,
) -> int:
    """Find the files, check them, give what was found."""
    if not paths:
        raise click.UsageError("No path is given: name files or directories, such as `diag lint .`.")
    output = None if output == Path("-") else output
    _lint_output.check_place(output)
    piped = paths == (Path("-"),)
    if stdin_filename and not piped:
        raise click.UsageError(
            "--stdin-filename says what standard input is called: give - as the only path."
        )
    where = (Path(stdin_filename or "stdin").parent,) if piped else paths
    settings = _settings(where, select, ignore, exclude)
    rules = settings.rules()
    if piped:
        outcome = _piped(stdin_filename, settings, force=force_exclude)
    else:
        outcome = _checked(paths, settings, jobs, force=force_exclude)
    _lint_output.give(outcome, rules, _lint_output.chosen(form, output), output)
    if outcome.faults:
        return FAULTS
    return COULD_NOT if outcome.problems else PASSED


def _settings(
    paths: tuple[Path, ...],
    select: tuple[str, ...] | None,
    ignore: tuple[str, ...] | None,
    exclude: tuple[str, ...],
) -> "Settings":
    """Read the project's settings; the command line chooses rules anew, and leaves out more."""
    import msgspec

    from diag.lint import settings

    if Path("-") in paths:
        raise click.UsageError("Standard input is checked by itself: give - as the only path.")
    if missing := next((path for path in paths if not path.exists()), None):
        raise HotloopError(f"{missing} does not exist: name a file or a directory to check.")
    loaded = settings.load(paths)
    here = tuple(settings.anchored(pattern) for pattern in exclude)
    return msgspec.structs.replace(
        loaded,
        select=loaded.select if select is None else select,
        ignore=() if select is not None and ignore is None else (*loaded.ignore, *(ignore or ())),
        exclude=(*loaded.exclude, *here),
    )


def _piped(name: str | None, settings: "Settings", *, force: bool) -> "Outcome":
    """Check standard input."""
    from diag.lint.checking import File, check_bytes
    from diag.lint.files import shown
    from diag.lint.finding import Outcome

    data = sys.stdin.buffer.read()
    path = Path(name or "stdin")
    if force and name and settings.excludes.match_within(path):
        return Outcome(checked=0)
    if path.suffix == ".ipynb":
        return Outcome(checked=0, notebooks=1)
    file = File(path, shown(path) if name else "<stdin>", named=True)
    return _outcome([check_bytes(data, file, settings.rules())], 0)


def _checked(paths: tuple[Path, ...], settings: "Settings", jobs: int | None, *, force: bool) -> "Outcome":
    """Check files and directories.

    Raises:
        HotloopError: there is no Python file.
    """
    from diag.lint.files import sought
    from diag.lint.finding import Checked, Problem
    from diag.lint.parallel import check_all

    found = sought(paths, settings.excludes, force=force)
    unread = [Checked(file, problems=(Problem(file=file, message=why),)) for file, why in found.problems]
    if not (found.files or found.notebooks or found.excluded or unread):
        named = ", ".join(map(str, paths))
        raise HotloopError(
            f"There is no Python file in {named}, or all are excluded: check the path, and `exclude` in pyproject.toml."
        )
    return _outcome([*check_all(found.files, settings.rules(), jobs), *unread], found.notebooks)


def _outcome(files: "list[Checked]", notebooks: int) -> "Outcome":
    from diag.lint.finding import Outcome

    return Outcome(
        checked=len(files),
        findings=tuple(one for file in files for one in file.findings),
        problems=tuple(one for file in files for one in file.problems),
        notebooks=notebooks,
    )
