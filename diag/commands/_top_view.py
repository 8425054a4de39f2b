"""What `diag top` shows: a pure function of what was seen, of what is chosen, and of the size of the screen."""

import textwrap
from collections.abc import Iterable, Sequence

from rich.text import Text

from diag.commands._tables import growth, short
from diag.commands._top_state import KEYS, MINUTE, Choice, History
from diag.reports import words
from diag.reports.headline import BAD, headline
from diag.watching import Look

SPARKS = " ▁▂▃▄▅▆▇█"
_MOST_HOT = 6
"""Hot functions shown where the screen has room."""

_LABEL, _FIGURE = 8, 7
"""Columns of a curve's name and number."""

_NUMBER = 11
"""Columns of a number in a list."""


def screen(history: History, choice: Choice, width: int, height: int, now: float) -> list[Text]:
    """Draw a screen of exactly `height` lines, none wider than `width`.

    Args:
        history: what was seen.
        choice: what to show.
        width: columns.
        height: lines.
        now: seconds since the beginning of the watch.
    """
    if choice.help:
        body = _help()
    elif history.last is None:
        body = [Text(f"Measuring {history.subject} …")]
    else:
        body = _body(history, history.last, choice, width, height - 1)
    body = body[: height - 1]
    body += [Text() for _ in range(height - 1 - len(body))]
    lines = [*body, _footer(history, choice, now)]
    for line in lines:
        line.no_wrap = True
        line.truncate(width, overflow="ellipsis")
    return lines


def _body(history: History, look: Look, choice: Choice, width: int, height: int) -> list[Text]:
    lines = [*_verdict(history, look, width), Text(), *_curves(history, width), _levels(look), Text()]
    hot = list(_hot(look, min(_MOST_HOT, max(1, (height - len(lines)) // 3))))
    room = height - len(lines) - len(hot) - 1
    return [*lines, *_list(history, look, choice, max(room, 1)), *([Text()] if hot else []), *hot]


def _verdict(history: History, look: Look, width: int) -> list[Text]:
    """Draw verdict, place, numbers, and for how long; the reason; the cause."""
    since = f" for {span(history.held)}"
    name, place, figures = headline(look.diagnosis).fitted(width - len(since))
    bad = look.verdict in BAD
    style = "bold white on red" if bad else "bold green" if look.verdict == "healthy" else "bold yellow"
    first = Text.assemble((name, style), since, *(f"  {part}" for part in (place, figures) if part))
    reasons = [detail.reason for detail in look.diagnosis.details[:1]]
    causes = [f"{cause.code} {cause.message}" for cause in look.diagnosis.causes[:1]]
    return [first, *(line for text in (*reasons, *causes) for line in _folded(text, width))]


def _folded(text: str, width: int) -> list[Text]:
    """Break a text into lines, two at the most."""
    lines = textwrap.wrap(words.printable(text), max(width, 1), max_lines=2, placeholder=" …")
    return [Text(each) for each in lines]


def _curves(history: History, width: int) -> list[Text]:
    """Draw the cores that it got and asked for, over the last minute."""
    columns = max(0, min(60, width - _LABEL - _FIGURE - 14))
    drawn = []
    for name, values in (
        ("CPU", [look.diagnosis.cores for look in history.looks]),
        ("demand", [look.diagnosis.demand for look in history.looks]),
    ):
        times = [look.at for look in history.looks]
        curve = spark(times, values, columns)
        figure = words.cores(values[-1])
        most = max((value for value in values if value is not None), default=None)
        drawn.append(
            Text.assemble(
                (f"{name:<{_LABEL}}", "bold"),
                f"{figure:>{_FIGURE}}  ",
                (curve, "cyan"),
                f"  max {words.cores(most)}",
            )
        )
    return drawn


def spark(times: Sequence[float], values: Sequence[float | None], columns: int) -> str:
    """Draw a curve of the last minute: each value fills the columns from the time before it to its own.

    A full column is one core, or the largest value where that is more.
    """
    most = max([1.0, *(value for value in values if value is not None)])
    end = times[-1] if times else 0.0
    drawn = []
    for column in range(columns):
        at = end - MINUTE * (columns - 1 - column) / columns
        index = next((number for number, time in enumerate(times) if time >= at), None)
        value = values[index] if index is not None and (index or at > times[0] - MINUTE / columns) else None
        eighths = 0 if value is None else max(1, round(8 * value / most))
        drawn.append(SPARKS[eighths])
    return "".join(drawn)


def _levels(look: Look) -> Text:
    """Draw the numbers that are just numbers."""
    tasks = look.diagnosis.tasks
    parts = [
        ("tasks", words.count(tasks.live)),
        ("made", f"{words.count(tasks.created_per_second)}/s"),
        ("threads", words.count(look.threads)),
        ("memory", words.NOT_MEASURED if look.memory_bytes is None else words.size(look.memory_bytes)),
        ("connections", words.count(look.connections)),
        ("files", words.count(look.descriptors)),
    ]
    return Text("  ").join(Text.assemble((name, "bold"), f" {value}") for name, value in parts)


def _list(history: History, look: Look, choice: Choice, room: int) -> list[Text]:
    """Draw tasks by coroutine or objects by type, with a head, in so many lines."""
    if choice.listing == "types" and look.types is None:
        return [_head("TYPE", choice), Text("counted in the next look …")]
    rows = _types(history, look) if choice.listing == "types" else _tasks(look)
    rows.sort(key=lambda row: -(row[1] or 0.0) if choice.by_growth else -row[0])
    lines = [_head("TYPE" if choice.listing == "types" else "COROUTINE", choice)]
    if not rows:
        return [*lines, Text("no asyncio tasks: t shows objects of every type")]
    for count, change, name in rows[: room - 1]:
        lines.append(Text(f"{count:>{_NUMBER},} {_per_second(change):>{_NUMBER}}  {words.printable(name)}"))
    return lines


_Row = tuple[int, float | None, str]


def _tasks(look: Look) -> list[_Row]:
    return [
        (row.count, row.per_second, row.coroutine + (f"  at {short(row.waiting)}" if row.waiting else ""))
        for row in look.coroutines
    ]


def _types(history: History, look: Look) -> list[_Row]:
    before = next((each for each in reversed(history.looks[:-1]) if each.types is not None), None)
    old = before.types if before and before.types is not None else None
    seconds = look.at - before.at if before else 0.0
    return [
        (count, growth(count, old.get(name, 0) if old is not None else None, seconds), name)
        for name, count in (look.types or {}).items()
    ]


def _head(name: str, choice: Choice) -> Text:
    number, change = ("NUMBER", "PER SECOND ▼") if choice.by_growth else ("NUMBER ▼", "PER SECOND")
    return Text(f"{number:>{_NUMBER}} {change:>{_NUMBER}}  {name}", style="bold reverse")


def _hot(look: Look, most: int) -> Iterable[Text]:
    """Draw where the samples of stacks were."""
    if not look.hot:
        return
    yield Text(f"{'SHARE':>{_NUMBER}}  FUNCTION AT WORK", style="bold reverse")
    for row in look.hot[:most]:
        place = short(f"{row.function} ({row.file}:{row.line})") if row.file else row.function
        yield Text(f"{words.percent(row.share) + ' %':>{_NUMBER}}  {words.printable(place)}")


def _help() -> list[Text]:
    return [
        Text("Every two seconds (--interval) the process is measured and judged."),
        Text("The first line says for how long the verdict has held without a break."),
        Text(),
        *(Text.assemble((f"  {key}  ", "bold"), meaning) for key, meaning in KEYS),
    ]


def _footer(history: History, choice: Choice, now: float) -> Text:
    """Draw the keys, and what is watched."""
    state = "PAUSED" if choice.paused else f"{now - history.last.at:.0f} s ago" if history.last else "…"
    keys = "q quit  p pause  c tasks  t types  s sort  ? help"
    return Text(f"{keys}  │ {state} │ {words.printable(history.subject)}", style="reverse")


def _per_second(change: float | None) -> str:
    return words.change(change) if change is None or abs(change) >= 0.05 or change == 0 else f"{change:+.1g}"  # noqa: PLR2004 - it would round to 0.0


def span(seconds: float) -> str:
    """Write a length of time: `4 s`, `2 min 5 s`, `3 h 7 min`."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004 - seconds of a minute
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"  # noqa: PLR2004 - of an hour


def line(history: History, width: int = 160) -> str:
    """Give the newest look as a line of text."""
    look = history.looks[-1]
    parts = [
        f"{look.at:.1f} s",
        f"{headline(look.diagnosis).line(width)}",
        f"held {span(history.held)}",
        f"demand {words.cores(look.diagnosis.demand)}",
        f"{words.count(look.diagnosis.tasks.live)} tasks",
        words.NOT_MEASURED if look.threads is None else words.plural(look.threads, "thread"),
        words.NOT_MEASURED if look.memory_bytes is None else words.size(look.memory_bytes),
        words.NOT_MEASURED if look.connections is None else words.plural(look.connections, "connection"),
    ]
    return "  ".join(parts)
