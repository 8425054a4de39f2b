"""How the commands that judge give their answer: in which format, to where, with which exit code."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import click

from diag.errors import HotloopError

if TYPE_CHECKING:
    from diag.findings import Diagnosis
    from diag.recording import Recording

HEALTHY, AGAINST, COULD_NOT = 0, 1, 2
"""Exit codes."""

Format = Literal["text", "json", "markdown", "html", "junit", "github"]

PLAIN: Sequence[Format] = ("text", "json", "markdown", "html")
"""The formats that every command has."""

_BY_SUFFIX: dict[str, Format] = {
    ".json": "json", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".txt": "text",
    ".xml": "junit",
}  # fmt: skip
_SUFFIXES: dict[Format, str] = {
    "text": ".txt", "json": ".json", "markdown": ".md", "html": ".html", "junit": ".xml", "github": ".txt",
}  # fmt: skip

_NEEDED = ("jinja2", "matplotlib", "pygments", "markupsafe")
"""Libraries that only pages need."""

_ASCII = str.maketrans(
    {"█": "#", "▏": " ", "▎": " ", "▍": ".", "▌": ":", "▋": ":", "▊": "#", "▉": "#", "│": "|", "►": ">", "·": ".",
     "…": "~", "⋮": ":", "—": "-"}
)  # fmt: skip
"""For terminals whose encoding lacks the characters of a report."""

_Command = TypeVar("_Command", bound=Callable[..., Any])


def options(command: _Command) -> _Command:
    """Add the options that say in which format and to where."""
    where = click.option(
        "-o",
        "--output",
        metavar="FILE|DIR",
        help="Write to a file (its suffix may tell the format: .html, .md, .json, .txt), or into a directory; - is"
        " standard output.",
    )
    how = click.option(
        "--format",
        "form",
        type=click.Choice(PLAIN),
        help="[default: text, or as the output's suffix says]",
    )
    return how(where(command))


@dataclass(frozen=True)
class Destination:
    """Where an answer goes, and in which format."""

    form: Format
    path: Path | None
    """None for a stream."""
    stream: Literal["stdout", "stderr"] = "stdout"

    def give(self, text: str, line: str) -> None:
        """Write an answer; where it goes to a file, `line` and the file's name go to the stream.

        Raises:
            HotloopError: the file cannot be written; `line` went to the stream all the same.
        """
        if self.path is None:
            self.say(text)
            return
        try:
            # What cannot be encoded (a lone surrogate in a name) becomes a question mark.
            self.path.write_bytes(text.encode("utf-8", "replace"))
        except OSError as error:
            self.say(f"{line}\n")
            raise HotloopError(f"{self.path} could not be written: {error.strerror or error}.") from error
        self.say(f"{line}\n{self.path}\n")

    def say(self, text: str) -> None:
        """Write to the stream, in characters that it has."""
        stream = getattr(sys, self.stream)
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.translate(_ASCII)
        click.echo(text, file=stream, nl=False)


def destination(
    form: str | None,
    output: str | None,
    stem: str,
    *,
    stream: Literal["stdout", "stderr"] = "stdout",
    formats: Sequence[Format] = PLAIN,
) -> Destination:
    """Work out the destination, and check before a long measurement that it will do.

    Args:
        form: the format asked for, None if none was.
        output: a file, a directory (it exists, or the name ends with a slash: then it is made), or "-".
        stem: of the file's name in a directory.
        stream: where the answer goes without `output`.
        formats: those that there are.

    Raises:
        HotloopError: there is no such directory, it may not be written, or a library is missing; says what to do.
    """
    by_suffix = _BY_SUFFIX.get(Path(output).suffix.lower()) if output else None
    implied: Format = by_suffix if by_suffix is not None and by_suffix in formats else "text"
    chosen = cast("Format", form) if form else implied
    if chosen == "html":
        _check_libraries()
    if output is None or output == "-":
        return Destination(chosen, None, stream if output is None else "stdout")
    path = _file(output, f"{stem}{_SUFFIXES[chosen]}")
    return Destination(chosen, path, stream)


def _file(output: str, name: str) -> Path:
    """Give the file to write."""
    path = Path(output)
    if output.endswith("/"):
        path.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        path /= name
    if not path.parent.is_dir():
        raise HotloopError(f"{path} cannot be written: there is no directory {path.parent}; make it first.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise HotloopError(f"{path} may not be written by you: choose another place.")
    return path


def _check_libraries() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise HotloopError(
            f"A page needs {', '.join(missing)}: pip install 'hotloop[report]', or choose another --format."
        )


def give(diagnosis: "Diagnosis", recording: "Recording | None", to: Destination) -> int:
    """Render a diagnosis, write it, and answer the exit code."""
    from diag.reports.headline import headline

    to.give(_rendered(diagnosis, recording, to), headline(diagnosis).line(columns()))
    return exit_code(diagnosis)


def exit_code(*diagnoses: "Diagnosis") -> int:
    """Give 1 where a verdict is against a process, else 2 where one is unknown, else 0."""
    from diag.reports.headline import BAD

    said = {verdict for diagnosis in diagnoses for verdict in diagnosis.verdicts}
    return AGAINST if said & BAD else COULD_NOT if said != {"healthy"} else HEALTHY


def _rendered(diagnosis: "Diagnosis", recording: "Recording | None", to: Destination) -> str:
    """Render; each format is imported when it is wanted."""
    if to.form == "json":
        from diag.reports import contract

        return contract.render(diagnosis)
    if to.form == "markdown":
        from diag.reports import markdown

        return markdown.render(diagnosis)
    if to.form == "html":
        from diag.reports import page

        return page.render(diagnosis, recording)
    from diag.reports import text

    return text.render(diagnosis, width=columns() if to.path is None else 80, colour=coloured(to))


def columns() -> int:
    """Give the columns of the terminal; 80 where there is none, or as $COLUMNS says."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def coloured(to: Destination) -> bool:
    """Tell whether the stream is a terminal that shows colours."""
    from rich.console import Console

    console = Console(stderr=to.stream == "stderr")
    return to.path is None and console.is_terminal and console.color_system is not None
