"""The variants' names, for those who only name them: nothing heavy is imported for it."""

from typing import Final

VARIANTS: Final = (
    "buggy",
    "frozen",
    "half_fixed",
    "fan_out",
    "published",
    "hardened",
    "bypass",
    "rewatch",
)
"""The log views, in the order of the story: the incident, its half-way stations, the cures, the storm."""
