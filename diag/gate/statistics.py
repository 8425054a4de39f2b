"""How much larger one side's runs are, whether that is more than chance, and what these runs could have shown.

No distribution is assumed: ranks are compared (Mann and Whitney 1947), and the interval of the ratio is the one that
belongs to that test (Hodges and Lehmann 1963). Needs scipy; importing this module does not import it.
"""

import math
from collections.abc import Sequence
from importlib.util import find_spec

import msgspec

from diag.errors import HotloopError

ALPHA = 0.01
"""Chance of a false alarm that all checks of a comparison together may have."""

FEWEST = 5
"""Runs a side from which on a comparison is made."""

RATIO = 1.25
"""Ratio of the medians from which on a difference is a regression. With ALPHA and a floor: no false alarm in identical
code, also beside four competing processes, and every spin of 0.2 s seen."""

NOISIEST = 2.0
"""Runs that do not rule a doubling out are too noisy: the faults that a gate is for make 2.7 times and more."""

CONFIDENCE = 0.95

_EXACT = 20_000
"""Ways to deal runs to two sides up to which all are gone through where runs are equal."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """How the runs of one side differ from those of the other."""

    before: float
    after: float
    """Medians."""
    ratio: float | None
    """Of the medians; None where the first is 0."""
    low: float | None
    high: float | None
    """Its interval at CONFIDENCE: what the ratio of a run of one side to one of the other is in the middle; None where
    a run is 0, or there are too few."""
    p: float
    """Chance that runs of the same code come out as far apart, or farther, in this direction."""


def check_library() -> None:
    """Refuse where the library is missing.

    Raises:
        HotloopError: says what to install.
    """
    if find_spec("scipy") is None:
        raise HotloopError(
            "A comparison with a baseline needs scipy: pip install 'hotloop[gate]' (budgets do without it)."
        )


def effect(before: Sequence[float], after: Sequence[float]) -> Effect:
    """Measure how much larger `after` is."""
    first, last = median(before), median(after)
    low, high = interval(before, after)
    return Effect(
        before=first,
        after=last,
        ratio=last / first if first > 0 else None,
        low=low,
        high=high,
        p=p_value(before, after),
    )


def median(values: Sequence[float]) -> float:
    """Give the middle one, or the mean of the two middle ones."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def p_value(before: Sequence[float], after: Sequence[float]) -> float:
    """Give the one-sided Mann-Whitney p that `after` is larger: exact, for equal runs too where they are few."""
    from scipy.stats import PermutationMethod, mannwhitneyu

    if min(*before, *after) == max(*before, *after):
        return 1.0
    tied = len({*before, *after}) < len(before) + len(after)
    ways = math.comb(len(before) + len(after), len(before))
    if tied and ways <= _EXACT:
        method: object = PermutationMethod(n_resamples=_EXACT)
    else:
        method = "asymptotic" if tied else "exact"
    found = mannwhitneyu(after, before, alternative="greater", method=method)  # type: ignore[call-overload] # the stubs lack the method
    return float(found.pvalue)


def smallest_p(before: int, after: int) -> float:
    """Give the smallest p that so many runs can have: all of one side above all of the other."""
    return 1 / math.comb(before + after, before)


def runs_needed(checks: int) -> int:
    """Give the runs a side that so many checks need, so that one that stands alone can be found."""
    runs = FEWEST
    while smallest_p(runs, runs) > ALPHA / checks:
        runs += 1
    return runs


def rejected(values: Sequence[float]) -> list[bool]:
    """Tell which p values are too small for chance, with all of them looked at (Holm 1979)."""
    found = [False] * len(values)
    for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        if values[place] > ALPHA / (len(values) - rank):
            break
        found[place] = True
    return found


def interval(before: Sequence[float], after: Sequence[float]) -> tuple[float | None, float | None]:
    """Give the interval of the ratio, out of the ratios of every run to every other."""
    if min(before) <= 0 or min(after) <= 0:
        return None, None
    ratios = sorted(last / first for first in before for last in after)
    cut = _cut(len(before), len(after))
    return (ratios[cut - 1], ratios[-cut]) if cut else (None, None)


def _cut(before: int, after: int) -> int:
    """Give the number of the ordered ratio that the interval begins with; 0 where there are too few."""
    ways, total = _ways(before, after), 0
    for cut, count in enumerate(ways):
        total += count
        if total / math.comb(before + after, before) > (1 - CONFIDENCE) / 2:
            return cut
    return 0


def _ways(before: int, after: int) -> list[int]:
    """Count the ways to each value of Mann and Whitney's U: coefficients of the Gaussian binomial."""
    ways = [1] + [0] * (before * after)
    for size in range(1, before + 1):
        for place in range(len(ways) - 1, after + size - 1, -1):
            ways[place] -= ways[place - after - size]
        for place in range(size, len(ways)):
            ways[place] += ways[place - size]
    return ways


def cannot_differ(before: Sequence[float], after: Sequence[float], floor: float) -> bool:
    """Tell whether all runs lie so close that no way to deal them to two sides would make a regression.

    It asks the runs of both sides together, so it does not disturb a test that only asks how they are dealt.
    """
    low, high = min(*before, *after), max(*before, *after)
    return high - low < floor or high < RATIO * low


def is_regression(found: Effect, floor: float) -> bool:
    """Tell whether the medians differ by enough."""
    return found.after - found.before >= floor and found.after >= RATIO * found.before


def rules_out(before: Sequence[float], after: Sequence[float], floor: float) -> bool:
    """Tell whether these runs rule a large regression out: the interval ends below NOISIEST times, or within the floor."""
    first = median(before)
    _, high = interval(before, after)
    if high is not None:
        return high < NOISIEST or (high - 1) * first < floor
    # With a run of 0 there is no ratio: the interval of the difference tells as much.
    cut = _cut(len(before), len(after))
    differences = sorted(last - one for one in before for last in after)
    return bool(cut) and differences[-cut] < max((NOISIEST - 1) * first, floor)
