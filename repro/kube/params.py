"""Query parameters, read as the API server reads them."""

import re
from datetime import datetime

from multidict import MultiMapping

from repro.kube.status import bad_request

Query = MultiMapping[str]

_INTEGER = re.compile(r"[+-]?[0-9]+")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_LARGEST = 2**63 - 1


def boolean(query: Query, name: str) -> bool:
    """Give a switch: absent, "0" and "false" (in any case) are off, everything else is on, also empty."""
    value = query.get(name)
    return value is not None and value.lower() not in {"0", "false"}


def integer(query: Query, name: str) -> int | None:
    """Give a whole number, or None where it is not given or empty; of a repeated one the first.

    Raises:
        ApiError: 400, it is none.
    """
    value = query.get(name)
    if not value:
        return None
    if not _INTEGER.fullmatch(value):
        raise bad_request(f'strconv.ParseInt: parsing "{value}": invalid syntax')
    if abs(int(value)) > _LARGEST:
        raise bad_request(f'strconv.ParseInt: parsing "{value}": value out of range')
    return int(value)


def moment(query: Query, name: str) -> int | None:
    """Give a time as whole seconds since 1970, or None where it is not given or empty.

    Seconds, because that is what reaches the kubelet.

    Raises:
        ApiError: 400, it is none.
    """
    value = query.get(name)
    if not value:
        return None
    seconds = _rfc3339_seconds(value)
    if seconds is None:
        layout = "2006-01-02T15:04:05Z07:00"
        raise bad_request(f'parsing time "{value}" as "{layout}": cannot parse "{value}" as "2006"')
    return seconds


def _rfc3339_seconds(value: str) -> int | None:
    if not _RFC3339.fullmatch(value):
        return None
    try:
        return int(datetime.fromisoformat(value).timestamp())
    except ValueError:
        return None
