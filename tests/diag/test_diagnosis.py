"""From a recording to the whole answer: the same each time, from memory or from the disk."""

from pathlib import Path

import msgspec
import pytest
from made_program import HANDLE, RUNNER, Program, Strand, turn
from made_recordings import reading, recording, varied
from made_snapshots import census, filmed

from diag import storage
from diag.diagnosis import EDGE, build, busiest, diagnose, sampled_lines, sources, window_of
from diag.findings import Diagnosis
from diag.rates import Window
from diag.recording import Recording, SourceFile, Stacks

FOLLOW = Program("""
    async def follow(stream):
        while True:
            line = await stream.readline()  # wait
            head = await stream.peek()
            keep(line)  # keep
""")


def spinning(**conditions: object) -> Recording:
    """Make a spin with some tasks."""

    def moment(n: int) -> Strand:
        return turn(FOLLOW.at("follow", ("wait", "keep")[n % 2], 11, line=b"", head=b""), operations=3000 * n)

    counts = tuple(census(0.3 + n, 100 * (n + 1), follow=2, main=1) for n in range(3))
    return filmed(FOLLOW, moment, changes={"censuses": counts, "notes": ("One thing failed.",)}, **conditions)


def test_the_whole_answer() -> None:
    """Verdict, numbers, place, tasks, quality and summary agree with each other and with the recording."""
    found = diagnose(spinning())
    assert found.verdicts == tuple(verdict.name for verdict in found.details) == ("spin",)
    assert (found.cores, found.demand) == (1.0, 1.0)
    assert (found.tasks.live, found.tasks.by_coroutine) == (3, {"follow": 2, "main": 1})
    assert (found.tasks.growth_per_second, found.tasks.created_per_second) == (0.0, 100.0)
    assert found.quality.snapshots == 40
    assert found.quality.censuses == 3
    assert found.quality.notes == ("One thing failed.",)
    assert found.summary == "spin: follow (/srv/app.py:2-5), 1.00 cores"
    assert found.target == recording().target


def test_lines_carry_the_heat_of_samples_and_looks() -> None:
    """The loop's lines are shown with their shares, which add up to the whole."""
    culprit = diagnose(spinning()).culprit
    assert culprit is not None
    assert [line.line for line in culprit.source] == [1, 2, 3, 4, 5]
    assert sum(line.share for line in culprit.source) == pytest.approx(1.0)


def test_each_kind_of_evidence_is_stated_once_those_of_the_verdict_first() -> None:
    """What a verdict rests on leads, and all of it is there."""
    found = diagnose(spinning())
    kinds = [fact.kind for fact in found.evidence]
    assert len(kinds) == len(set(kinds))
    rests = found.details[0].evidence
    assert tuple(kinds[: len(set(rests))]) == tuple(dict.fromkeys(rests))
    assert {"cores", "demand", "callbacks", "bytes-per-cpu-second"} <= set(kinds)


def test_the_same_recording_gives_the_same_answer() -> None:
    """Byte for byte, as JSON."""
    recorded = spinning()
    first, second = (msgspec.json.encode(diagnose(recorded)) for _ in range(2))
    assert first == second
    assert msgspec.json.decode(first, type=Diagnosis) == diagnose(recorded)


def test_a_saved_recording_gives_the_same_answer(tmp_path: Path) -> None:
    """Another day, another machine: all that the answer is made of is in the files."""
    recorded = spinning()
    storage.save(recorded, tmp_path / "kept")
    loaded = storage.load(tmp_path / "kept")
    assert loaded == recorded
    assert msgspec.json.encode(diagnose(loaded)) == msgspec.json.encode(diagnose(recorded))


@pytest.mark.parametrize("seed", range(30))
def test_any_recording_gives_an_answer(seed: int) -> None:
    """Odd values, missing parts and contradictions are no error, and the answer can be written."""
    found = diagnose(varied(seed))
    assert len(found.verdicts) == len(found.details) >= 1
    assert msgspec.json.encode(found)


def test_the_window_is_that_of_the_snapshots() -> None:
    """What was measured long before the first or after the last look is not judged; a bit more is, for the censuses."""
    case = build(spinning())
    assert case.looks is not None
    assert window_of(case.recording, case.looks) == Window(0.0, 3.0)
    long = msgspec.structs.replace(case.recording, seconds=60.0)
    assert window_of(long, case.looks).end == pytest.approx(2.8 + EDGE)
    assert window_of(long, None) == Window(0.0, 60.0)


def test_the_process_is_the_one_that_was_looked_at() -> None:
    """Else the one whose stacks were sampled, else the one that used the most CPU, else the target."""
    assert build(spinning()).pid == 7
    readings = (
        reading(0.0, 8),
        reading(1.0, 8, cpu_user=0.9),
        reading(0.0, 9),
        reading(1.0, 9, cpu_user=0.2),
    )
    assert busiest(recording(activity=readings)) == 8
    stacks = Stacks(pid=9, start=0, end=1, frames=(), samples=(), ticks=0, errors=0, late=0)
    assert busiest(recording(activity=readings, stacks=(stacks,))) == 9
    assert busiest(recording()) == 7


def test_sources_are_parsed_where_they_can_be() -> None:
    """Without a text, and with one of another grammar, a file is not known."""
    files = {"/a.py": "x = 1\n", "/b.py": "", "/c.py": "print 'two'\n"}
    kept = tuple(SourceFile(path=path, modified=0, size=0, text=text) for path, text in files.items())
    assert list(sources(recording(sources=kept))) == ["/a.py"]


def test_samples_count_a_line_once_each() -> None:
    """A function that calls itself is on a stack more than once; other processes have samples of their own."""
    found = sampled_lines(spinning(), 7)
    lines = found["follow", FOLLOW.file]
    assert set(lines) == {FOLLOW.line("wait"), FOLLOW.line("keep")}
    assert lines.total() == len(spinning().stacks[0].samples)
    assert sampled_lines(spinning(), 8) == {}

    call = FOLLOW.at("follow", "wait", 11)
    twice = filmed(FOLLOW, lambda _: Strand((*RUNNER, HANDLE, call, call), loop=True))
    assert sampled_lines(twice, 7)["follow", FOLLOW.file].total() == len(twice.stacks[0].samples)
