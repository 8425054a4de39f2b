"""What a check is to do: from the command line, the configuration and the marker, each word of it checked."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from diag.errors import HotloopError

MODES = ("error", "warn", "off")

_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """How one test is checked."""

    mode: str = "error"
    """"error", "warn" or "off"."""
    leaks: bool = True
    """Whether what is left behind counts."""
    spins: bool = True
    """Whether loops that get nothing are looked for and stopped."""
    settle: float = 0.5
    """Seconds for which what is left may still go away."""
    ignore: tuple[str, ...] = ()
    """Patterns of names and creators of what may be left."""
    max_empty_turns: int | None = None
    max_turns_per_second: float | None = None
    max_tasks_created: int | None = None
    max_block: float | None = None
    """Seconds that one turn may take."""


def settings(given: Mapping[str, Any], base: Settings, where: str) -> Settings:
    """Set options upon others.

    Args:
        given: by name, as they stand in the marker or configuration.
        base: what holds where nothing is given; patterns add up.
        where: names the place for an error.

    Raises:
        HotloopError: an unknown name, with the nearest known one, or a value of the wrong kind.
    """
    known = [field.name for field in fields(Settings)]
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise HotloopError(f"{where}: there is no option {name!r}: {hint}")
    read = {name: _READ[name](value, name, where) for name, value in given.items()}
    if "ignore" in read:
        read["ignore"] = (*base.ignore, *read["ignore"])
    return replace(base, **read)


def _mode(value: Any, name: str, where: str) -> str:
    if value not in MODES:
        near = difflib.get_close_matches(str(value), MODES, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(MODES)}"
        raise HotloopError(f"{where}: {name} is no {value!r}: {hint}")
    return str(value)


def _flag(value: Any, name: str, where: str) -> bool:
    if not isinstance(value, bool):
        raise HotloopError(f"{where}: {name} is True or False, not {value!r}")
    return value


def _count(value: Any, name: str, where: str) -> int:
    number = _number(value)
    if number is None or number < 0 or number != int(number):
        raise HotloopError(f"{where}: {name} is a count, such as 1000, not {value!r}")
    return int(number)


def _rate(value: Any, name: str, where: str) -> float:
    number = _number(value)
    if number is None or number <= 0:
        raise HotloopError(f"{where}: {name} is a number above 0, not {value!r}")
    return number


def _duration(value: Any, name: str, where: str) -> float:
    if (number := _number(value)) is not None and number >= 0:
        return number
    match = re.fullmatch(r"\s*([0-9.]+)\s*(us|ms|s|min)\s*", str(value))
    number = _number(match.group(1)) if match else None
    if match is None or number is None:
        raise HotloopError(
            f'{where}: {name} is a duration, such as "100ms" or seconds as a number, not {value!r}'
        )
    return number * _SECONDS[match.group(2)]


def _patterns(value: Any, name: str, where: str) -> tuple[str, ...]:
    words = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, Iterable) else (None,)
    if not all(isinstance(word, str) for word in words):
        raise HotloopError(
            f'{where}: {name} is a pattern or a list of them, such as "*.heartbeat", not {value!r}'
        )
    return tuple(str(word) for word in words)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(str(value).replace("_", ""))
    except ValueError:
        return None


_READ: dict[str, Any] = {
    "mode": _mode,
    "leaks": _flag,
    "spins": _flag,
    "settle": _duration,
    "ignore": _patterns,
    "max_empty_turns": _count,
    "max_turns_per_second": _rate,
    "max_tasks_created": _count,
    "max_block": _duration,
}
