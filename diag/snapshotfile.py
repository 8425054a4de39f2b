"""Snapshots as JSON, and back: a call that is the same in many of them is written once.

Where a call of a stack (its frame and variables) is the same as one before, the number of that one stands in its place:
a thread that sleeps has one stack at all looks, and of one that runs the outer calls stay. Numbers count the calls that
are written out, from 0, in the order of the file.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from diag.recording import Snapshots


def encode(shots: Snapshots) -> bytes:
    """Write snapshots."""
    tree = msgspec.json.decode(msgspec.json.encode(shots))
    numbers: dict[bytes, int] = {}
    for calls in _stacks(tree):
        for place, call in enumerate(calls):
            key = msgspec.json.encode(call)
            if key in numbers:
                calls[place] = numbers[key]
            else:
                numbers[key] = len(numbers)
    return msgspec.json.encode(tree)


def decode(content: bytes) -> Snapshots:
    """Read snapshots, also those in which every call is written out.

    Raises:
        msgspec.DecodeError: it is not of this form.
        IndexError: a number leads nowhere.
    """
    tree = msgspec.json.decode(content)
    known: list[Any] = []
    try:
        for calls in _stacks(tree):
            for place, call in enumerate(calls):
                if isinstance(call, int):
                    calls[place] = known[call]
                else:
                    known.append(call)
    except (AttributeError, KeyError, TypeError) as error:
        raise msgspec.ValidationError(f"no snapshots: {error}") from error
    return msgspec.convert(tree, Snapshots)


def _stacks(tree: dict[str, Any]) -> Iterator[list[Any]]:
    """Give the lists of calls, in the order of the file."""
    for shot in tree["taken"]:
        for thread in shot["threads"]:
            yield thread.get("frames", [])
        for loop in shot.get("loops", ()):
            for ready in loop.get("next", ()):
                yield ready.get("frames", [])
