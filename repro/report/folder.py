"""A report's folder: written after a scenario, and read again to render it anew."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from diag.errors import HotloopError
from diag.recording import Recording
from diag.storage import load
from repro.comparison import SCHEMA, Comparison
from repro.report import markdown, page
from repro.report.pictures import draw
from repro.report.views import Report, assemble

COMPARISON = "comparison.json"


def write(comparison: Comparison, folder: Path, *, load: Callable[[Path], Recording] = load) -> Path:
    """Write every form of the report; see `repro.report.write`."""
    folder.mkdir(parents=True, exist_ok=True)
    # First, so that the others can be made again from it where one of them fails.
    (folder / COMPARISON).write_bytes(encode(comparison))
    report = assemble(comparison, folder, load)
    pictures = draw(report)
    for picture in pictures:
        picture.save(folder)
    _write_text(folder / "report.md", markdown.render(report, pictures))
    _write_text(folder / "index.html", page.render(report, pictures))
    return folder / "index.html"


def encode(comparison: Comparison) -> bytes:
    """Give the comparison as JSON, indented for readers and diffs."""
    return msgspec.json.format(msgspec.json.encode(comparison), indent=2) + b"\n"


def read(folder: Path) -> Comparison:
    """Read the comparison of an earlier run.

    Raises:
        HotloopError: `folder` is no report's folder, or the comparison is of another schema, or damaged.
    """
    path = folder / COMPARISON
    if not path.is_file():
        raise HotloopError(f"{folder} holds no {COMPARISON}: give a folder that `repro run -o` wrote.")
    content = path.read_bytes()
    try:
        schema = msgspec.json.decode(content, type=_Versioned).schema
        if schema > SCHEMA:
            raise HotloopError(
                f"{path} has schema {schema}, and this version knows up to {SCHEMA}: install a newer hotloop."
            )
        return msgspec.json.decode(content, type=Comparison)
    except msgspec.MsgspecError as error:
        raise HotloopError(f"{path} is damaged ({error}): run the scenario again.") from error


def opened(folder: Path) -> Report:
    """Read an earlier run with its recordings.

    Raises:
        HotloopError: see `read`.
    """
    return assemble(read(folder), folder, load)


class _Versioned(msgspec.Struct):
    """The one field that every schema has."""

    schema: int


def _write_text(path: Path, text: str) -> None:
    """Write UTF-8; what cannot be encoded (a lone surrogate in a name) becomes a question mark."""
    path.write_bytes(text.encode("utf-8", "replace"))
