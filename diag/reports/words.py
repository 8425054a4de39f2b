"""How figures, numbers of things, paths and foreign text are written, in every report."""

from collections.abc import Callable, Iterable, Mapping

NOT_MEASURED = "—"


def cores(value: float | None) -> str:
    """Write cores: `0`, `<0.01`, `0.98`, `25.1`."""
    if value is None:
        return NOT_MEASURED
    if 0 < value < 0.005:  # noqa: PLR2004 - it would round to 0.00
        return "<0.01"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"  # noqa: PLR2004 - three digits suffice


def cores_named(value: float) -> str:
    """Write cores with their noun: `0.04 of a core`, `1.00 core`, `25.1 cores`."""
    number = cores(value)
    if value < 1 and number != "1.00":
        return f"{number} of a core"
    return f"{number} core" if number == "1.00" else f"{number} cores"


def count(value: float | None) -> str:
    """Write a count or a rate: `0`, `0.3`, `940`, `9,400`, `131 k`, `1.71 M`."""
    if value is None:
        return NOT_MEASURED
    if value < 0:
        return f"-{count(-value)}"
    if value >= 999_500:  # noqa: PLR2004 - rounds to a million
        return f"{value / 1e6:.3g} M" if value < 999.5e6 else f"{value / 1e6:,.0f} M"  # noqa: PLR2004 - three digits
    if value >= 10_000:  # noqa: PLR2004 - three digits suffice
        return f"{value / 1000:.0f} k"
    if value >= 10 or float(value).is_integer():  # noqa: PLR2004 - digits after the point say nothing
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 0.05 else "<0.1"  # noqa: PLR2004 - it would round to 0.0


def number(value: float) -> str:
    """Write a count in a sentence, to three digits: `0.3`, `940`, `41,200`, `1.13 million`."""
    if value >= 999_500:  # noqa: PLR2004 - rounds to a million
        return f"{float(f'{value / 1e6:.3g}'):,g} million"
    return f"{float(f'{value:.3g}'):,g}"


def change(value: float | None) -> str:
    """Write a difference with its sign, as `count` does: `+940`, `-3`, `0`."""
    if value is None:
        return NOT_MEASURED
    text = count(value)
    return text if value <= 0 else f"+{text}"


def percent(share: float) -> str:
    """Write a share as a percentage, without its sign: `0`, `<0.1`, `3.2`, `45`."""
    value = 100 * share
    if value == 0:
        return "0"
    if value < 0.1:  # noqa: PLR2004 - the last digit shown
        return "<0.1"
    text = f"{value:.1f}" if value < 10 else f"{value:.0f}"  # noqa: PLR2004 - two digits suffice
    return text.removesuffix(".0")


def milliseconds(value: float | None) -> str:
    """Write a latency: `0.8`, `12`, `1,040`."""
    if value is None:
        return NOT_MEASURED
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004 - two digits suffice


def mebibytes(value: float | None) -> str:
    """Write memory in MiB, without the unit."""
    return NOT_MEASURED if value is None else f"{value:,.0f}"


def size(value: float) -> str:
    """Write bytes: `0 B`, `940 B`, `1.2 MB`."""
    for unit in ("B", "kB", "MB"):
        if abs(value) < 999.5:  # noqa: PLR2004 - it would round to a thousand
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:,.3g} GB"


def measured(value: float | str | None, unit: str) -> str:
    """Write a value with its unit, as evidence has them: `0.98 cores`, `93 %`, `1.2 MB/s`, `131 k/s`, `2.1 s`."""
    if value is None:
        return NOT_MEASURED
    if isinstance(value, str):
        return f"{value} {unit}".strip()
    return _WRITTEN[unit](value) if unit in _WRITTEN else f"{_plain(value)} {unit}".strip()


def _plain(value: float) -> str:
    """Write a number of anything."""
    small = 0 < value < 10 and not float(value).is_integer()  # noqa: PLR2004 - two digits suffice
    return f"{value:.2g}" if small else count(value)


def _seconds(value: float) -> str:
    return f"{value:.3g} s" if value < 99.5 else f"{value:,.0f} s"  # noqa: PLR2004 - three digits suffice


_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "share": lambda value: f"{percent(value)} %",
    "cores": lambda value: f"{cores(value)} cores",
    "bytes": size,
    "bytes/s": lambda value: f"{size(value)}/s",
    "1/s": lambda value: f"{count(value)}/s",
    "s": _seconds,
}
"""By unit; any other stands behind a plain number."""


def plural(number: int, noun: str) -> str:
    """Write a number with its noun: `one view`, `25 views`."""
    return f"one {noun}" if number == 1 else f"{number:,} {noun}s"


def listing(words: Iterable[str]) -> str:
    """Write words as a list: `a`, `a and b`, `a, b and c`."""
    items = list(words)
    if len(items) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


_BEGINNINGS = ("the ", "a ", "an ", "each ", "every ", "no ", "nothing ", "it ", "this ", "its ")


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop; a name at the beginning stays as it is."""
    if text.startswith(_BEGINNINGS):
        text = text[0].upper() + text[1:]
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def shortened(text: str, width: int) -> str:
    """Leave out the start of a path that is longer than `width`, at a folder's border where that is possible."""
    if len(text) <= width:
        return text
    tail = text[len(text) - max(width - 1, 1) :]
    border = tail.find("/")
    return "…" + (tail[border:] if 0 <= border < len(tail) - 1 else tail)


def printable(text: str) -> str:
    """Show characters that would steer a terminal, or turn the direction of writing, as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
