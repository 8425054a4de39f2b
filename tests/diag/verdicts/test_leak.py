"""What grows without bound, and whose it is."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest
from made_program import APP, STARTED, Program, Strand, resting, standard, thread
from made_recordings import recording
from made_snapshots import census, filmed

from diag.diagnosis import diagnose
from diag.findings import Diagnosis
from diag.recording import Census, TaskGroup

WATCH = Program("""
    async def watch_over(session):
        while True:  # watch
            await session.closed.wait()
    async def on_session(session):
        asyncio.create_task(watch_over(session))  # start
""")


def watched(counts: Sequence[int], created: Sequence[int | None] = ()) -> tuple[Census, ...]:
    """Make censuses of `watch_over`, two thirds of a second apart."""
    made = created or [None] * len(counts)
    return tuple(
        Census(
            at=0.3 + number * 0.66,
            pid=7,
            groups=(
                TaskGroup(coroutine="watch_over", file=APP, line=1, state="pending", count=count),
                TaskGroup(coroutine="done", file=APP, line=1, state="done", count=1000 * number),
            ),
            created=made[number],
            seconds=0.01,
        )
        for number, count in enumerate(counts)
    )


def growing(
    counts: Sequence[int], changes: Mapping[str, object] | None = None, created: Sequence[int | None] = ()
) -> Diagnosis:
    """Diagnose an idle process whose tasks grow like that."""
    fields = {"censuses": watched(counts, created)} | dict(changes or {})
    return diagnose(filmed(WATCH, lambda _: resting(operations=4), cores=0.05, changes=fields))


@pytest.mark.parametrize("counts", [[100, 190, 280], [100, 190, 280, 370, 460], [100, 130, 190, 280, 400]])
def test_tasks_that_grow_at_every_look_leak(counts: list[int]) -> None:
    """Evenly or faster and faster; the coroutine is the culprit, who starts it is named, and why it does not end."""
    found = growing(counts)
    assert found.verdicts == ("leak",)
    assert found.culprit is not None
    assert (found.culprit.function, found.culprit.line) == ("watch_over", 1)
    assert found.tasks.creator is not None
    assert (found.tasks.creator.function, found.tasks.creator.line) == ("on_session", WATCH.line("start"))
    assert [cause.code for cause in found.causes] == ["HL014"]
    assert f"{counts[0]:,} to {counts[-1]:,}" in found.details[0].reason


@pytest.mark.parametrize(
    "counts",
    [[100, 400, 100], [100, 400, 380, 420, 410], [100, 100, 100, 100, 400], [400, 300, 200], [100, 400]],
    ids=["comes and goes", "levels off", "step", "falls", "two looks"],
)
def test_bursts_are_no_leak(counts: list[int]) -> None:
    """What comes and goes, or stays after a step, has a bound."""
    assert growing(counts).verdicts == ("healthy",)


def test_two_looks_tell_a_leak_where_few_tasks_end() -> None:
    """Of the tasks that were made in between, most are still there."""
    assert growing([100, 400], created=[1000, 1310]).verdicts == ("leak",)
    assert growing([100, 400], created=[1000, 9000]).verdicts == ("healthy",)


def test_a_young_process_may_only_be_starting() -> None:
    """What grows in the first seconds is stated as a guess."""
    assert growing([100, 190, 280]).details[0].confidence >= 0.8
    young = growing(
        [100, 190, 280], {"target": msgspec.structs.replace(recording().target, created=STARTED + 59)}
    )
    assert young.verdicts == ("leak",)
    assert young.details[0].confidence < 0.8


WAITING = standard("Event.wait", "threading.py", 629)
REMIND = Program("""
    def remind(user):
        time.sleep(3600)  # sleep
    def on_login(user):
        Thread(target=remind, args=(user,)).start()  # start
""")


def test_threads_that_grow_name_their_function() -> None:
    """The function of the threads that are new in the window, and the line that starts them."""
    start = standard("Thread._bootstrap", "threading.py", 1030), standard("Thread.run", "threading.py", 1010)

    def moment(n: int) -> list[Strand]:
        new = [Strand((*start, REMIND.at("remind", "sleep")), "S", 100 + k) for k in range(n)]
        return [thread(state="S"), Strand((*start, WAITING), "S", 50), *new]

    found = diagnose(filmed(REMIND, moment, cores=0.02, levels={"threads": lambda at: round(2 + 13 * at)}))
    assert found.verdicts == ("leak",)
    assert found.culprit is not None
    assert found.culprit.function == "remind"
    assert found.tasks.creator is not None
    assert (found.tasks.creator.function, found.tasks.creator.line) == ("on_login", REMIND.line("start"))


@pytest.mark.parametrize("kind", ["descriptors", "connections"])
def test_what_is_opened_and_never_closed_names_the_opener(kind: str) -> None:
    """The function that opens outside a `with`; the one that closes what it opens is not it."""
    program = Program("""
        async def handle(request):
            with open(request.path) as file:
                return file.read()
        async def probe(host):
            reader, writer = await open_connection(host, 80)  # open
            return await reader.readline()  # read
        async def ask(host):
            reader, writer = await open_connection(host, 80)
            writer.close()
    """)
    levels = {kind: lambda at: round(20 + 30 * at)}
    found = diagnose(filmed(program, lambda _: resting(operations=5), cores=0.1, levels=levels))
    assert found.verdicts == ("leak",)
    assert found.culprit is not None
    assert (found.culprit.function, found.culprit.line) == ("probe", program.line("open"))
    assert {fact.kind for fact in found.evidence} >= {f"{kind}-growth"}


def test_a_leak_without_a_known_place_is_still_one() -> None:
    """Where no source is known the number alone is stated."""
    changes = {"censuses": tuple(census(0.3 + n, main=3) for n in range(3))}
    levels = {"descriptors": lambda at: round(20 + 30 * at)}
    found = diagnose(filmed([], lambda _: resting(operations=5), cores=0.1, levels=levels, changes=changes))
    assert found.verdicts == ("leak",)
    assert found.culprit is None
