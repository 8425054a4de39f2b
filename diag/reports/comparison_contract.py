"""A comparison as JSON; `diag.comparison` names its fields."""

import msgspec

from diag.comparison import Comparison


def render(comparison: Comparison) -> str:
    """Write a comparison as JSON, indented for readers and diffs."""
    return msgspec.json.format(msgspec.json.encode(comparison), indent=2).decode() + "\n"
