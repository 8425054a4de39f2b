"""Ages as `kubectl` prints them."""

from datetime import datetime

MINUTE, HOUR, DAY = 60, 3600, 86_400
YEAR = 365 * DAY


def age(created: str, now: float) -> str:
    """Give the time since an RFC 3339 timestamp in the short form: `5s`, `3m20s`, `15m`, `2d3h`."""
    return short_duration(now - datetime.fromisoformat(created).timestamp())


def short_duration(seconds: float) -> str:
    """Give a duration with ever less detail, by apimachinery's `HumanDuration`."""
    whole = max(int(seconds), 0)
    steps = (
        (2 * MINUTE, ((1, "s"),)),
        (10 * MINUTE, ((MINUTE, "m"), (1, "s"))),
        (3 * HOUR, ((MINUTE, "m"),)),
        (8 * HOUR, ((HOUR, "h"), (MINUTE, "m"))),
        (2 * DAY, ((HOUR, "h"),)),
        (8 * DAY, ((DAY, "d"), (HOUR, "h"))),
        (2 * YEAR, ((DAY, "d"),)),
        (8 * YEAR, ((YEAR, "y"), (DAY, "d"))),
    )
    units = next((units for limit, units in steps if whole < limit), ((YEAR, "y"),))
    text, rest = "", whole
    for size, letter in units:
        count, rest = divmod(rest, size)
        if count or not text:
            text += f"{count}{letter}"
    return text
