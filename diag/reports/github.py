"""Workflow commands of GitHub Actions: annotations at files and lines, and the step's summary."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

MOST = 10
"""Annotations of one level that GitHub shows for a step; more are dropped there without a word."""

Level = Literal["error", "warning", "notice"]


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """A message at a place, or at none."""

    level: Level
    title: str
    message: str
    file: str = ""
    """Relative to the repository's root; "" for none."""
    line: int = 0
    """From 1; 0 for the whole file."""
    column: int = 0
    """From 1; 0 for the whole line."""


def render(annotations: Sequence[Annotation], most: int = MOST) -> str:
    """Write annotations as workflow commands, a line each; those beyond `most` are counted in one of them.

    Args:
        annotations: the most important first.
        most: lines that may be written.
    """
    shown = annotations if len(annotations) <= most else annotations[: most - 1]
    lines = [_command(one) for one in shown]
    if rest := len(annotations) - len(shown):
        level = annotations[len(shown)].level
        more = Annotation(
            level=level, title=f"{rest} more", message=f"{rest} more are in the step's log and summary."
        )
        lines.append(_command(more))
    return "".join(f"{line}\n" for line in lines)


def add_summary(markdown: str) -> bool:
    """Append Markdown to the step's summary; whether there is one (`$GITHUB_STEP_SUMMARY`)."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if not place:
        return False
    with Path(place).open("a", encoding="utf-8") as summary:
        summary.write(markdown if markdown.endswith("\n") else f"{markdown}\n")
    return True


def _command(one: Annotation) -> str:
    places = {"file": one.file, "line": one.line or "", "col": one.column or "", "title": one.title}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in places.items() if value != "")
    return f"::{one.level} {properties}::{_data(one.message)}"


def _data(text: str) -> str:
    return _escaped(text, {"%": "%25", "\r": "%0D", "\n": "%0A"}.items())


def _property(text: str) -> str:
    return _escaped(_data(text), {":": "%3A", ",": "%2C"}.items())


def _escaped(text: str, pairs: Iterable[tuple[str, str]]) -> str:
    for character, code in pairs:
        text = text.replace(character, code)
    return text
