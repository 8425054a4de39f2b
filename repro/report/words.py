"""How figures are written, as in every report, and in which order variants and pods stand."""

from diag.reports.words import (
    NOT_MEASURED,
    cores,
    cores_named,
    count,
    listing,
    mebibytes,
    milliseconds,
    number,
    plural,
)

__all__ = [
    "NOT_MEASURED",
    "cores",
    "cores_named",
    "count",
    "listing",
    "mebibytes",
    "milliseconds",
    "number",
    "plural",
    "pod_order",
    "variant_order",
]

_VARIANTS = ("buggy", "frozen", "half_fixed", "fan_out", "rewatch", "published", "bypass", "hardened")
_PODS = ("running", "chatty", "silent", "succeeded", "failed", "crash-looping", "finishing")


def variant_order(variant: str) -> tuple[int, str]:
    """Order variants as the story goes: the faults, then the fixes; strangers at the end."""
    known = _VARIANTS.index(variant) if variant in _VARIANTS else len(_VARIANTS)
    return known, variant


def pod_order(pod: str) -> tuple[int, str]:
    """Order kinds of pods: the running ones, on which nothing is wrong, first; strangers at the end."""
    known = _PODS.index(pod) if pod in _PODS else len(_PODS)
    return known, pod
