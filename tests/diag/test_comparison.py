"""Diagnoses side by side: differences from the first, verdicts that came and went."""

import json

import made_diagnoses
import msgspec

from diag.comparison import Comparison, Figures, compare, unique
from diag.reports import comparison_contract


def test_differences_are_from_the_first() -> None:
    """The first has none; a figure that was not measured gives none."""
    spin, healthy, unknown = compare(
        [("a", made_diagnoses.spin()), ("b", made_diagnoses.diagnosis()), ("c", made_diagnoses.unknown())]
    ).compared
    assert spin.change is None
    assert healthy.change == Figures(
        cores=-0.96, demand=-0.99, tasks_live=-3, tasks_growth_per_second=0.0, tasks_created_per_second=-0.3
    )
    assert unknown.change is not None
    assert unknown.change.cores is None


def test_verdicts_that_came_and_went() -> None:
    """From the first to the last."""
    found = compare([("before", made_diagnoses.leak()), ("after", made_diagnoses.spin())])
    assert (found.gone, found.appeared) == (("leak",), ())
    assert compare([("a", made_diagnoses.spin()), ("b", made_diagnoses.diagnosis())]).appeared == ("healthy",)


def test_place_and_causes_are_in_words() -> None:
    """The culprit with its lines, each cause once."""
    (spin,) = compare([("a", made_diagnoses.spin())]).compared
    assert spin.culprit == f"read_log ({made_diagnoses.BUGGY}:33-42)"
    assert spin.causes == ("HL001 ineffective-break",)


def test_labels_become_unique() -> None:
    """Two recordings of one name are told apart."""
    assert unique(["a", "b", "a", "a-2", "a"]) == ["a", "b", "a-2", "a-2-2", "a-3"]


def test_its_json_reads_back() -> None:
    """Schema 1, and nothing is lost."""
    found = compare([("a", made_diagnoses.spin()), ("b", made_diagnoses.hostile())])
    drawn = comparison_contract.render(found)
    assert json.loads(drawn)["schema"] == 1
    assert msgspec.json.decode(drawn, type=Comparison) == found
