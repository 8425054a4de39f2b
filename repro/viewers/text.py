"""A summary as text: a sentence, and a table that fits into 80 columns."""

import textwrap
from collections.abc import Iterator, Mapping

from repro.viewers.summary import Health, Lines, Spread, Summary, Views

BUSY = 0.9
"""Cores from which on the generator's own speed is what is measured."""

MOST_WORDS = 5
"""Reasons or codes named in a row."""

WIDTH = 80
_LABEL = 12


def render(summary: Summary) -> str:
    """Render a summary; it ends with a newline."""
    rows = "\n".join(_row(label, text) for label, text in _rows(summary))
    return f"{textwrap.fill(headline(summary), WIDTH)}\n\n{rows}\n"


def headline(summary: Summary) -> str:
    """Say in a sentence what happened."""
    views, lines = summary.views, summary.lines
    if not views.opened:
        return f"None of {_many(views.asked, 'view')} opened: {views.refused:,} refused, {views.untried:,} not tried."
    opened = f"{views.opened:,} of {_many(views.asked, 'view')} opened"
    fates = {"ended": views.ended, "cut off": views.cut, "left": views.left, "still open": views.open}
    told = ", ".join(f"{count:,} {fate}" for fate, count in fates.items() if count)
    after = f"; {told}" if told else ""
    return f"{opened}{after}; {_many(lines.received, 'line')}, {_faults(lines)}."


def _row(label: str, text: str) -> str:
    indent = " " * (_LABEL + 3)
    return textwrap.fill(text, WIDTH, initial_indent=f"  {label:<{_LABEL}} ", subsequent_indent=indent)


def _faults(lines: Lines) -> str:
    """Name what was wrong with the lines; lost ones where an expectation says so, else the skipped numbers."""
    short = ("skipped", lines.missing) if lines.lost is None else ("lost", lines.lost)
    found = [f"{count:,} {fault}" for fault, count in (short, ("repeated", lines.repeated)) if count]
    return " and ".join(found) or f"none {short[0]} or repeated"


def _rows(summary: Summary) -> Iterator[tuple[str, str]]:
    lines, frames = summary.lines, summary.frames
    yield "variant", summary.variant
    yield "pods", _pods(summary.pods)
    yield "time", f"{summary.seconds:.1f} s ({summary.ended})"
    yield "views", _views(summary.views)
    for label, words in (
        ("refusals", summary.refusals),
        ("closed with", summary.close_codes),
        ("end reasons", summary.end_reasons),
        ("events", summary.events),
    ):
        yield from _words(label, words)
    yield "lines", _lines(lines)
    yield "frames", f"{frames.text:,} text, {frames.binary:,} binary, {frames.empty:,} of them empty"
    yield "log bytes", f"{summary.bytes:,}"
    yield "first line", _spread(summary.first_line_ms)
    yield "end", _spread(summary.end_ms)
    yield "health", _health(summary.health_ms)
    yield "generator", f"{summary.generator.cores:.2f} core, {summary.generator.rss_mb:,.0f} MiB"
    if summary.generator.cores >= BUSY:
        yield "note", "the generator was busy itself: times are partly its own"
    if not lines.exact:
        yield "note", "a view had thousands of holes: repeats may be too high"


def _pods(pods: tuple[str, ...]) -> str:
    rest = f" and {len(pods) - 2:,} more" if len(pods) > 2 else ""  # noqa: PLR2004 - two are named
    return ", ".join(pods[:2]) + rest


def _views(views: Views) -> str:
    parts = {
        "asked": views.asked,
        "opened": views.opened,
        "refused": views.refused,
        "untried": views.untried,
        "stopped reading": views.stopped_reading,
    }
    return ", ".join(
        f"{count:,} {name}"
        for name, count in parts.items()
        if count or name in {"asked", "opened", "refused"}
    )


def _lines(lines: Lines) -> str:
    text = f"{lines.received:,} received, {lines.repeated:,} repeated, {lines.missing:,} skipped"
    if lines.lost is not None:
        text += f", {lines.lost:,} of {lines.expected:,} lost"
    return text + (f", {lines.blank:,} blank" if lines.blank else "")


def _words(label: str, words: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Give a row to each of the most frequent words, the label on the first."""
    for row, (word, count) in enumerate(words.items()):
        if row == MOST_WORDS:
            yield "", f"and {len(words) - MOST_WORDS:,} more kinds"
            return
        yield label if row == 0 else "", f"{count:,} x {word}"


def _spread(times: Spread) -> str:
    if times.p50 is None:
        return "-"
    return f"p50 {_ms(times.p50)}, p99 {_ms(times.p99)}, max {_ms(times.max)}"


def _health(health: Health) -> str:
    if not health.answered:
        return f"not answered, {health.failed:,} failed" if health.failed else "-"
    return f"p50 {_ms(health.p50)}, p99 {_ms(health.p99)}, {health.answered:,} answered, {health.failed:,} failed"


def _ms(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.1f} ms"  # noqa: PLR2004 - a second


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
