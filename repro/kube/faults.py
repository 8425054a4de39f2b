"""Faults on request: the annotation `hotloop/fault` makes a pod's log fail as logs do in the field.

It is a list, joined by commas, of

- `cut-after=N[:reset|:eof][:once|:always]`: the connection is cut after N lines; `reset` (the default) breaks it
  off, `eof` ends it cleanly, as a kubelet that is killed does; `once` (the default) for the first follow or
  read that gets so far since the annotation was set, `always` for each;
- `kubelet-down`: open logs end cleanly at once, and each further request is answered 500;
- `delay=MS`: every line comes so many milliseconds after the one before.

Set it in the manifest, or later with `kubectl annotate`; take it away with `kubectl annotate POD hotloop/fault-`.
"""

from typing import Literal

import msgspec

FAULT_ANNOTATION = "hotloop/fault"
"""The annotation that asks for faults."""

NAMES = ("cut-after=N", "delay=MS", "kubelet-down")


class Faults(msgspec.Struct, frozen=True):
    """What is to go wrong with a pod's log."""

    cut_after: int | None = None
    """Lines after which the connection is cut."""
    cut: Literal["reset", "eof"] = "reset"
    always: bool = False
    """Whether every connection is cut, or the first only."""
    kubelet_down: bool = False
    delay: float = 0.0
    """Seconds before each line."""


NONE = Faults()


def parse_faults(text: str) -> Faults:
    """Read the annotation.

    Raises:
        ValueError: with the part that cannot be read.
    """
    faults = NONE
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        if part == "kubelet-down":
            faults = msgspec.structs.replace(faults, kubelet_down=True)
        elif name == "delay" and value.isdecimal():
            faults = msgspec.structs.replace(faults, delay=int(value) / 1000)
        elif name == "cut-after":
            faults = _cut(faults, part, value)
        else:
            raise ValueError(part)
    return faults


def _cut(faults: Faults, part: str, value: str) -> Faults:
    count, *words = value.split(":")
    if not count.isdecimal() or not set(words) <= {"reset", "eof", "once", "always"}:
        raise ValueError(part)
    return msgspec.structs.replace(
        faults, cut_after=int(count), cut="eof" if "eof" in words else "reset", always="always" in words
    )
