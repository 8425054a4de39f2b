"""Source code with its heat: how often each line was seen running, or waiting for what it called."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from diag.recording import Recording
from diag.reports.words import percent

WARM, HOT = 0.02, 0.2
"""Shares of all samples from which a line is tinted, and from which it is marked as hot."""


@dataclass(frozen=True)
class Line:
    """The samples of one line."""

    self_samples: int
    """The line itself was running: the innermost frame of a stack."""
    through: int
    """The line was on the stack, itself or through what it called; once a stack."""


@dataclass(frozen=True)
class Heat:
    """The samples of one file's lines."""

    samples: int
    """All samples of the recording: shares are of these."""
    lines: Mapping[int, Line]


def measure(recording: Recording, file: str) -> Heat:
    """Count the samples of `file`, over all processes and threads.

    Args:
        recording: with any number of stacks, none included.
        file: the path's end, such as `variants/buggy.py`, so that a recording made elsewhere can be read here.
    """
    own: Counter[int] = Counter()
    through: Counter[int] = Counter()
    samples = 0
    for stacks in recording.stacks:
        samples += len(stacks.samples)
        for sample in stacks.samples:
            stack = [stacks.frames[index] for index in sample.frames]
            lines = [frame.line if _ends(frame.file, file) else None for frame in stack]
            through.update({line for line in lines if line is not None})
            if lines and lines[-1] is not None:
                own[lines[-1]] += 1
    return Heat(samples, {line: Line(own[line], count) for line, count in through.items()})


def _ends(path: str, end: str) -> bool:
    """Tell whether `path` is `end`, or ends with it at a folder's border."""
    return path == end or path.endswith("/" + end.lstrip("/"))


def render(source: str, heat: Heat | None, *, caption: str, first: int = 1) -> Markup:
    """Write the source as a table with the heat beside each line.

    Args:
        source: Python code.
        heat: None for the source alone.
        caption: what it is, for those who cannot see it.
        first: line to begin with.
    """
    lines = highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).splitlines()
    head = Markup('<th scope="col">line</th>')
    if heat:
        head += Markup('<th scope="col">self</th><th scope="col">through</th>')
    rows = Markup("\n").join(
        _row(number, Markup(code), heat)  # noqa: S704 - pygments escapes the source
        for number, code in enumerate(lines, start=1)
        if number >= first
    )
    return Markup(
        '<table class="source"><caption class="unseen">{}</caption><thead><tr>{}<th scope="col">code</th></tr>'
        "</thead><tbody>\n{}\n</tbody></table>"
    ).format(caption, head, rows)


def _row(number: int, code: Markup, heat: Heat | None) -> Markup:
    """Write one line of code."""
    if heat is None:
        return Markup("<tr><td>{}</td><td>{}</td></tr>").format(number, code)
    line = heat.lines.get(number)
    if line is None or not heat.samples:
        return Markup("<tr><td>{}</td><td></td><td></td><td>{}</td></tr>").format(number, code)
    share = line.through / heat.samples
    tint = f' style="--heat:{min(100, round(100 * share))}%"' if share >= WARM else ""
    kind = ' class="hot"' if share >= HOT else ' class="warm"' if share >= WARM else ""
    return Markup("<tr{}{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>").format(
        Markup(kind),  # noqa: S704 - one of three constants
        Markup(tint),  # noqa: S704 - a number
        number,
        f"{percent(line.self_samples / heat.samples)} %" if line.self_samples else "",
        f"{percent(share)} %",
        code,
    )
