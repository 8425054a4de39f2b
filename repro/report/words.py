"""How figures are written, and in which order variants and pods stand."""

from collections.abc import Iterable

NOT_MEASURED = "—"

_VARIANTS = ("buggy", "frozen", "half_fixed", "fan_out", "rewatch", "published", "bypass", "hardened")
_PODS = ("running", "chatty", "silent", "succeeded", "failed", "crash-looping", "finishing")


def cores(value: float | None) -> str:
    """Write cores: `0`, `<0.01`, `0.98`, `25.1`."""
    if value is None:
        return NOT_MEASURED
    if 0 < value < 0.005:  # noqa: PLR2004 - it would round to 0.00
        return "<0.01"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"  # noqa: PLR2004 - three digits suffice


def count(value: float | None) -> str:
    """Write a count or a rate: `0`, `0.3`, `940`, `9,400`, `131 k`, `1.71 M`."""
    if value is None:
        return NOT_MEASURED
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


def milliseconds(value: float | None) -> str:
    """Write a latency: `0.8`, `12`, `1,040`."""
    if value is None:
        return NOT_MEASURED
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004 - two digits suffice


def mebibytes(value: float | None) -> str:
    """Write memory in MiB, without the unit."""
    return NOT_MEASURED if value is None else f"{value:,.0f}"


def plural(number: int, noun: str) -> str:
    """Write a number with its noun: `one view`, `25 views`."""
    return f"one {noun}" if number == 1 else f"{number:,} {noun}s"


def listing(words: Iterable[str]) -> str:
    """Write words as a list: `a`, `a and b`, `a, b and c`."""
    items = list(words)
    if len(items) < 2:  # noqa: PLR2004 - nothing to join
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def variant_order(variant: str) -> tuple[int, str]:
    """Order variants as the story goes: the faults, then the fixes; strangers at the end."""
    known = _VARIANTS.index(variant) if variant in _VARIANTS else len(_VARIANTS)
    return known, variant


def pod_order(pod: str) -> tuple[int, str]:
    """Order kinds of pods: the running ones, on which nothing is wrong, first; strangers at the end."""
    known = _PODS.index(pod) if pod in _PODS else len(_PODS)
    return known, pod


def cores_named(value: float) -> str:
    """Write cores with their noun: `0.04 of a core`, `1.00 core`, `25.1 cores`."""
    number = cores(value)
    if value < 1 and number != "1.00":
        return f"{number} of a core"
    return f"{number} core" if number == "1.00" else f"{number} cores"
