"""Judging diagnoses of known cases."""

from collections.abc import Iterable
from typing import Any, cast

import msgspec
import pytest

from benchmarks.corpus.judging import Judgement, failed, judge, score
from benchmarks.corpus.manifest import Case, Start
from diag.findings import CauseFound, Culprit, Diagnosis, Quality, Step, TaskFindings, VerdictName
from diag.recording import Target

FILE = "/srv/app.py"
CASE = Case(
    name="a",
    script="a.py",
    python="3.12",
    expect="spin",
    expect_function="consume (app.py)",
    also_accept=("read (lib/streams.py)",),
    cause=("HL002",),
    twin=Start(python="3.12"),
)
CULPRIT = Culprit(file=FILE, function="consume", line=7, loop=(5, 9), share=1.0)


def diagnosis(
    *verdicts: str, culprit: Culprit | None = None, codes: Iterable[str] = (), frozen: bool = False
) -> Diagnosis:
    """Make a diagnosis with what matters here."""
    causes = [
        CauseFound(code=code, name=code, file="/nowhere.py", line=7, message="", remedy="") for code in codes
    ]
    target = Target(pid=1, created=0.0, command=("python",), executable="python", user="me", version="3.12.1")
    tasks = TaskFindings(live=1, by_coroutine={}, growth_per_second=0.0, created_per_second=0.0)
    return Diagnosis(
        verdicts=cast("tuple[VerdictName, ...]", verdicts),
        frozen=frozen,
        cores=1.0,
        demand=1.0,
        culprit=culprit,
        causes=tuple(causes),
        tasks=tasks,
        evidence=(),
        details=(),
        summary="",
        target=target,
        quality=Quality(seconds=3.0, stack_samples=1, snapshots=1, censuses=1),
    )


@pytest.mark.parametrize(
    ("expect", "verdicts", "frozen", "found"),
    [
        ("spin", ("spin",), False, True),
        ("spin", ("storm", "leak"), False, True),
        ("spin", ("blocked",), False, False),
        ("leak", ("leak",), False, True),
        ("leak", ("spin",), False, False),
        ("starvation", ("blocked",), True, True),
        ("starvation", ("spin",), True, True),
        ("starvation", ("spin",), False, False),
        ("healthy", ("healthy",), False, True),
        ("healthy", ("unknown",), False, False),
    ],
)
def test_verdict(expect: Any, verdicts: tuple[str, ...], frozen: bool, found: bool) -> None:  # noqa: ANN401, FBT001 - a table
    """A case is found by the verdicts that mean it; a healthy one must be called exactly that."""
    case = msgspec.structs.replace(CASE, expect=expect)
    assert judge(case, diagnosis(*verdicts, frozen=frozen)).found is found


def test_place_and_cause() -> None:
    """The culprit is compared with the places, the first cause with the codes."""
    right = judge(CASE, diagnosis("spin", culprit=CULPRIT, codes=("HL002", "HL004")))
    assert (right.place, right.by, right.cause, right.right) == (True, "culprit", True, True)
    wrong = judge(CASE, diagnosis("spin", codes=("HL004", "HL002")))
    assert (wrong.place, wrong.by, wrong.cause, wrong.right) == (False, "", False, False)


def test_place_by_others() -> None:
    """The caller of a culprit in a library names the place too, and that is told."""
    caller = Step(file=FILE, function="consume", line=7)
    culprit = Culprit(file="/lib/x.py", function="spin", line=1, loop=None, share=1.0, called_from=caller)
    assert judge(CASE, diagnosis("spin", culprit=culprit)).by == "caller"


def test_leak_by_creator() -> None:
    """The maker of what grows names the place of a leak."""
    case = msgspec.structs.replace(CASE, expect="leak")
    creator = Step(file=FILE, function="consume", line=7)
    tasks = TaskFindings(
        live=9, by_coroutine={}, growth_per_second=9.0, created_per_second=9.0, creator=creator
    )
    assert judge(case, msgspec.structs.replace(diagnosis("leak"), tasks=tasks)).by == "coroutine"


def test_twin_must_be_healthy() -> None:
    """Of a twin anything but healthy is a false alarm."""
    assert judge(CASE, diagnosis("healthy"), twin=True).right
    assert not judge(CASE, diagnosis("spin", culprit=CULPRIT), twin=True).right


def test_score() -> None:
    """Failures count against; one false alarm is too many."""
    sick = judge(CASE, diagnosis("spin", culprit=CULPRIT, codes=("HL002",)))
    well = judge(CASE, diagnosis("healthy"), twin=True)
    assert score([sick] * 3 + [well]).enough
    assert not score([sick, well, judge(CASE, diagnosis("spin"), twin=True)]).enough
    total = score([sick, failed(CASE, "gone"), failed(CASE, "gone", twin=True)])
    assert (total.sick, total.found, total.placed, total.causes, total.false_alarms) == (2, 1, 1, 1, 1)


def test_nothing_run_is_not_enough() -> None:
    """Without a single judgement nothing is shown."""
    nothing: list[Judgement] = []
    assert not score(nothing).enough
