"""A diagnosis as JSON: the contract that programs read, the same from a process and from its recording."""

import msgspec

from diag.findings import Diagnosis


def render(diagnosis: Diagnosis) -> str:
    """Write a diagnosis as JSON, indented for readers and diffs; `diag.findings` names its fields."""
    return msgspec.json.format(msgspec.json.encode(diagnosis), indent=2).decode() + "\n"
