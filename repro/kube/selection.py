"""Label and field selectors: the text of a request, as a test on objects."""

import re
from collections.abc import Callable, Mapping

from repro.kube.objects import Json, labels_of
from repro.kube.status import bad_request

Test = Callable[[Json], bool]

_SET = re.compile(r"^(?P<key>\S+)\s+(?P<op>in|notin)\s*\(\s*(?P<values>[^()]*)\)$")
_EQUAL = re.compile(r"^(?P<key>[^!=\s]+)\s*(?P<op>==|!=|=)\s*(?P<value>[^!=\s]*)$")
_EXISTS = re.compile(r"^(?P<op>!?)\s*(?P<key>[^!=\s()]+)$")
_TOP_LEVEL_COMMA = re.compile(r",(?![^(]*\))")


def _always(_: Json) -> bool:
    return True


def label_test(selector: str) -> Test:
    """Read a label selector: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`, all joined by commas.

    Raises:
        ApiError: 400, it cannot be read.
    """
    parts = [part.strip() for part in _TOP_LEVEL_COMMA.split(selector) if part.strip()]
    if not parts:
        return _always
    tests = [_label_requirement(part) for part in parts]
    return lambda value: all(test(labels_of(value)) for test in tests)


def _label_requirement(part: str) -> Callable[[Mapping[str, str]], bool]:
    """Read one requirement. As in Kubernetes, `!=` and `notin` hold for an object without the label too."""
    if match := _SET.match(part):
        key, negated = match["key"], match["op"] == "notin"
        values = {value.strip() for value in match["values"].split(",")}
        return lambda labels: (labels.get(key) in values) is not negated
    if match := _EQUAL.match(part):
        key, value, negated = match["key"], match["value"], match["op"] == "!="
        return lambda labels: (labels.get(key) == value) is not negated
    if match := _EXISTS.match(part):
        key, negated = match["key"], match["op"] == "!"
        return lambda labels: (key in labels) is not negated
    found = part.split()[1] if " " in part else part
    raise bad_request(
        f"unable to parse requirement: found '{found}', expected: '=', '!=', '==', 'in', notin'"
    )


def field_test(selector: str, fields: Mapping[str, str]) -> Test:
    """Read a field selector: `a=b`, `a==b`, `a!=b`, joined by commas.

    Args:
        selector: its text.
        fields: the fields that can be asked for, each with its value where an object has none.

    Raises:
        ApiError: 400, it cannot be read or asks for another field.
    """
    parts = [part.strip() for part in selector.split(",") if part.strip()]
    tests = [_field_requirement(part, fields) for part in parts]
    return (lambda value: all(test(value) for test in tests)) if tests else _always


def _field_requirement(part: str, fields: Mapping[str, str]) -> Test:
    match = _EQUAL.match(part)
    if match is None:
        raise bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    field, wanted, negated = match["key"], match["value"], match["op"] == "!="
    if field not in fields:
        raise bad_request(f"field label not supported: {field}")
    path, absent = field.split("."), fields[field]
    return lambda value: (_lookup(value, path, absent) == wanted) is not negated


def _lookup(value: Json, path: list[str], absent: str) -> str:
    """Give the field's value as text; a field that is not there has its zero value."""
    here: object = value
    for name in path:
        here = here.get(name) if isinstance(here, dict) else None
    return absent if here is None else str(here)
