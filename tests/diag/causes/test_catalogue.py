"""The catalogue and the search for what holds at a culprit."""

import dataclasses
import pathlib
import re

import pytest
import scenes

from diag.causes import catalogue
from diag.causes.catalogue import CATALOGUE, EXPLAINED_BY, FARTHER, RIVAL, search
from diag.causes.cause import Cause, Facts, Match, Scene

NESTED = """
def read_frame(stream):
    while True:
        frame = stream.next()

async def run(stream):
    while True:  # outer
        while True:
            read_frame(stream)  # hot
"""

CALLED = """
def main(jobs):
    while True:
        work(jobs)  # call

def work(jobs):
    for job in jobs:
        job()  # hot

def helper(job):
    while job:
        job = job.next
"""


def cause(code: str, where: str, weight: float, *, lines: tuple[int, ...] | None = None) -> Cause:
    """Make a cause that holds in the function of that name, in each of its loops."""

    def find(scene: Scene) -> Match | None:
        if scene.function.name != where:
            return None
        at = scene.loop.first if scene.loop else scene.line
        return Match(line=at, lines=lines or (at,), message=f"{code} at {at}")

    return Cause(
        code=code,
        name=code.lower(),
        summary=".",
        remedy="Mend it.",
        find=find,
        agrees=lambda _match, _facts: weight,
    )


def test_every_module_is_in_the_catalogue() -> None:
    """Each has a code of its own, in order, with words; nothing is left out."""
    codes = [one.code for one in CATALOGUE]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"HL0\d\d", code) for code in codes)
    folder = pathlib.Path(catalogue.__file__).parent
    assert len(codes) == sum("\nCAUSE = " in path.read_text() for path in folder.glob("*.py"))
    for one in CATALOGUE:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", one.name)
        assert one.summary.endswith(".")
        assert one.remedy.endswith(".")


@pytest.mark.parametrize("code", [one.code for one in CATALOGUE])
def test_each_has_a_page(code: str) -> None:
    """The page begins with code and name and shows a faulty and a fixed example."""
    page = (pathlib.Path(catalogue.__file__).parents[2] / "docs" / "causes" / f"{code}.md").read_text()
    name = next(one.name for one in CATALOGUE if one.code == code)
    assert page.startswith(f"# {code} {name}\n")
    assert page.count("```python") >= 2


def test_what_explains_names_codes_that_are_there() -> None:
    """No cause is explained by itself, directly or round about."""
    codes = {one.code for one in CATALOGUE}
    for code, others in EXPLAINED_BY.items():
        assert {code, *others} <= codes
        reached, to_do = set(), set(others)
        while to_do:
            reached.add(other := to_do.pop())
            to_do |= EXPLAINED_BY.get(other, frozenset()) - reached
        assert code not in reached


def test_the_most_likely_comes_first() -> None:
    """What does not hold is left out."""
    here = scenes.scene(NESTED)
    found = search(
        here, Facts(), (cause("HL101", "run", 0.4), cause("HL102", "run", 0.0), cause("HL103", "run", 0.9))
    )
    assert [(one.code, one.confidence) for one in found] == [("HL103", 0.9), ("HL101", 0.4)]
    assert found[0].file == "app.py"
    assert found[0].remedy == "Mend it."


def test_the_hot_loop_comes_before_those_around_it() -> None:
    """With equal weights the innermost is named."""
    (found,) = search(scenes.scene(NESTED), Facts(), (cause("HL101", "run", 0.5),))
    assert found.message == "HL101 at 7"


def test_a_loop_around_is_looked_at_as_well() -> None:
    """A pattern of the outer loop is found from the inner one."""

    def outer(scene: Scene) -> Match | None:
        at = scene.loop.first if scene.loop else 0
        return Match(line=at, lines=(at,), message="") if at == 6 else None

    (found,) = search(
        scenes.scene(NESTED), Facts(), (dataclasses.replace(cause("HL101", "run", 0.5), find=outer),)
    )
    assert found.line == 6


def test_functions_that_are_called_weigh_less() -> None:
    """Each call on the way takes a tenth; without a loop they are looked at as well."""
    here = scenes.scene(NESTED, inner=("read_frame",))
    (found,) = search(here, Facts(), (cause("HL101", "read_frame", 0.5),))
    assert found.line == 2
    assert found.confidence == pytest.approx(0.5 * FARTHER)
    farther = scenes.scene(NESTED, inner=(("def far(x):\n    return x\n", "far"), "read_frame"))
    (found,) = search(farther, Facts(), (cause("HL101", "far", 0.5),))
    assert found.file == "library.py"
    (found,) = search(farther, Facts(), (cause("HL101", "read_frame", 0.5),))
    assert found.confidence == pytest.approx(0.5 * FARTHER**2, abs=1e-3)


def test_callers_weigh_less() -> None:
    """The loop around the call is looked at, with the culprit among the functions below it."""
    here = scenes.scene(CALLED, outer=("main",), inner=("helper",))
    seen: list[Scene] = []

    def find(scene: Scene) -> Match | None:
        seen.append(scene)
        return (
            Match(line=scene.line, lines=(scene.line,), message="") if scene.function.name == "main" else None
        )

    (found,) = search(here, Facts(), (dataclasses.replace(cause("HL101", "", 0.5), find=find),))
    assert found.line == 3
    assert found.confidence == pytest.approx(0.5 * FARTHER)
    caller = next(scene for scene in seen if scene.function.name == "main")
    assert caller.loop is not None
    assert caller.loop.first == 2
    assert [function.name for _, function in caller.inner] == ["work", "helper"]


def test_facts_follow_the_function() -> None:
    """A called function's locals are its own variables there; the culprit's are those of a called function above."""
    here = scenes.scene(CALLED, outer=("main",), inner=("helper",))
    measured = scenes.facts(
        variables={"job": "changing"},
        returned={"helper.job": "empty"},
        lines=frozenset({7}),
        settled=("job",),
        waits="never",
    )
    seen: dict[str, Facts] = {}

    def agrees(match: Match, facts: Facts) -> float:
        seen[match.message] = facts
        return 0.5

    def find(scene: Scene) -> Match | None:
        return Match(line=1, lines=(1,), message=scene.function.name)

    search(here, measured, (dataclasses.replace(cause("HL101", "", 0.5), find=find, agrees=agrees),))
    assert seen["work"] == measured
    assert seen["helper"].variables == scenes.facts(variables={"job": "empty"}).variables
    assert seen["main"].variables == {}
    assert (
        seen["main"].returned
        == scenes.facts(returned={"helper.job": "empty", "work.job": "changing"}).returned
    )
    assert all(not seen[name].lines and not seen[name].settled for name in ("helper", "main"))
    assert {one.waits for one in seen.values()} == {"never"}


def test_the_better_explanation_stands_alone() -> None:
    """It does so only around the same lines, and only if it holds nearly as well."""
    here = scenes.scene(NESTED)

    def codes(weight: float, lines: tuple[int, ...]) -> list[str]:
        rivals = (cause("HL001", "run", weight, lines=lines), cause("HL002", "run", 0.9, lines=(6, 8)))
        return sorted(one.code for one in search(here, Facts(), rivals))

    assert codes(0.9 * RIVAL + 0.01, (7,)) == ["HL001"]
    assert codes(0.9 * RIVAL - 0.01, (7,)) == ["HL001", "HL002"]
    assert codes(0.9, (1, 2)) == ["HL001", "HL002"]


def test_confidence_is_at_most_one() -> None:
    """Whatever a cause says."""
    (found,) = search(scenes.scene(NESTED), Facts(), (cause("HL101", "run", 7.0),))
    assert found.confidence == 1.0


def test_without_a_loop_the_function_itself_is_looked_at() -> None:
    """A callback that reschedules itself has none."""
    here = scenes.scene("def tick():\n    again(tick)  # hot\n")
    (found,) = search(here, Facts(), (cause("HL101", "tick", 0.5),))
    assert found.line == 2
