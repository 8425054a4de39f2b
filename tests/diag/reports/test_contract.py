"""The JSON keeps its contract."""

import json

import made_diagnoses
import msgspec
import pytest

from diag.findings import Diagnosis
from diag.reports import contract

KEYS = {
    "schema": int,
    "verdicts": list,
    "frozen": bool,
    "cores": float,
    "demand": float,
    "culprit": dict,
    "causes": list,
    "tasks": dict,
    "evidence": list,
    "target": dict,
    "quality": dict,
}


def test_the_documented_keys_are_there() -> None:
    """Names and kinds of schema 1."""
    found = json.loads(contract.render(made_diagnoses.spin()))
    assert {name: type(found[name]) for name in KEYS} == KEYS
    assert found["schema"] == 1
    assert {"file", "function", "line", "loop", "share"} <= found["culprit"].keys()
    assert found["culprit"]["loop"] == [33, 42]
    assert {"code", "name", "file", "line", "message"} <= found["causes"][0].keys()
    assert {"live", "by_coroutine", "growth_per_second"} <= found["tasks"].keys()
    assert {"kind", "value", "unit", "text"} <= found["evidence"][0].keys()


@pytest.mark.parametrize("kind", made_diagnoses.ALL)
def test_it_reads_back(kind: str) -> None:
    """Nothing is lost, whatever the names hold; and the same diagnosis gives the same bytes."""
    diagnosis = made_diagnoses.ALL[kind]()
    drawn = contract.render(diagnosis)
    assert msgspec.json.decode(drawn, type=Diagnosis) == diagnosis
    assert contract.render(made_diagnoses.ALL[kind]()) == drawn
