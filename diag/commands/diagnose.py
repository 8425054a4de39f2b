"""`diag diagnose`: a saved recording judged again, without the process."""

from pathlib import Path

import click

from diag.commands import _answer

HELP = """Judge a saved recording again, without the process.

DIR is what `diag record -o DIR` or `diag inspect --keep DIR` saved. The answer depends on the recording alone: the
same JSON on another day and another machine.

\b
Exit code: 0 healthy, 1 a verdict against the process, 2 too little was measured.
Docs: docs/diagnose.md."""


@click.command("diagnose", help=HELP)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@_answer.options
def command(directory: Path, form: str | None, output: str | None) -> int:
    """Load, judge, answer."""
    from diag import storage
    from diag.diagnosis import diagnose

    recording = storage.load(directory)
    to = _answer.destination(form, output, f"diagnosis-{recording.target.pid}")
    return _answer.give(diagnose(recording), recording, to)
