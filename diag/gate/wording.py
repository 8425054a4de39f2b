"""How figures, numbers of runs and differences are said."""

from collections.abc import Sequence

from diag.reports import words

NAMED = 5
"""Things listed by name; the others are counted."""


def figure(value: float, beside: float | None = None) -> str:
    """Write a figure to three digits; with more where it would read as the limit that it is not."""
    if float(value).is_integer():
        return f"{value:,.0f}"
    for digits in range(3, 16):
        text = f"{value:,.{digits}g}"
        if "e" not in text and (beside is None or float(text.replace(",", "")) != beside or value == beside):
            return text
    return f"{value:g}"


def with_unit(value: float, unit: str) -> str:
    """Write a figure with its unit, where it is one that a sentence has not named."""
    return f"{figure(value)} {unit}" if unit in {"s", "MiB", "ms"} else figure(value)


def ratio(value: float) -> str:
    """Write a ratio: 1.07, 2.1, 340."""
    return f"{value:.2f}" if value < 2 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"  # noqa: PLR2004 - digits that matter


def runs(count: int) -> str:
    """Say how many runs, where there are several."""
    return f" in {count} runs" if count > 1 else ""


def in_runs(some_of: int, all_of: int) -> str:
    """Say in how many of the runs, where there are several."""
    return f" in {some_of} of {all_of} runs" if all_of > 1 else ""


def of(some_of: int, all_of: int) -> str:
    """Begin a sentence with some of the runs."""
    return f"{some_of} of {all_of} runs" if all_of > 1 else "the run"


def some(names: Sequence[str]) -> str:
    """List names, and count those beyond a few."""
    shown = list(names[:NAMED])
    if len(names) > NAMED:
        shown.append(f"{len(names) - NAMED} more")
    return words.listing(shown) or "none"
