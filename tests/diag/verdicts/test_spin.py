"""What is a spin and what is work: a loop that gets nothing, and one that does, seen from outside."""

from collections.abc import Callable
from typing import Any

import pytest
from made_program import (
    PACKAGES,
    SELECT,
    SLEEP0,
    At,
    Program,
    Strand,
    future,
    resting,
    standard,
    task,
    thing,
    thread,
    turn,
)
from made_snapshots import census, filmed

from diag.diagnosis import diagnose
from diag.findings import Diagnosis

FOLLOW = Program("""
    async def follow(stream, lines):
        turns = 0
        while True:
            line = await stream.readline()  # wait
            turns += 1  # count
            lines.append(line)  # keep
""")
NAMES = ("wait", "count", "keep")

PACE = Program("""
    async def settle(board):
        while not board.ready:
            value = board.reading  # look
            await asyncio.sleep(0)  # pause
""")


def followed(line: Callable[[int], object], **conditions: Any) -> Diagnosis:  # noqa: ANN401 - of Conditions
    """Diagnose the following of a stream whose lines are given by the number of the look."""
    return diagnose(
        filmed(
            FOLLOW,
            lambda n: turn(
                FOLLOW.at("follow", NAMES[n % 3], 11, line=line(n), turns=n * 977), operations=n * 4000
            ),
            **conditions,
        )
    )


def test_a_loop_that_always_receives_nothing_is_a_spin() -> None:
    """A received variable that is empty at every look is stated, with the loop and its cause; a counter is no progress."""
    found = followed(lambda _: b"")
    assert found.verdicts == ("spin",)
    assert not found.frozen
    assert found.culprit is not None
    assert (found.culprit.function, found.culprit.loop) == ("follow", (3, 6))
    assert [cause.code for cause in found.causes] == ["HL002"]
    assert ("always-empty", "line") in {(fact.kind, fact.value) for fact in found.evidence}
    assert found.details[0].confidence >= 0.8


@pytest.mark.parametrize(
    "line",
    [
        lambda n: b"line %d\n" % n,
        lambda n: b"line %d\n" % n if n % 3 else b"",
        lambda _: b"the same line\n",
    ],
    ids=["fresh", "now and then nothing", "always the same"],
)
def test_a_loop_that_receives_is_healthy(line: Callable[[int], object]) -> None:
    """What a reading call hands out is progress, even if it is always equal: it is gone from the stream."""
    assert followed(line).verdicts == ("healthy",)


def test_a_process_that_waits_is_healthy() -> None:
    """The same empty lines are no spin where the process hardly asks for a core."""
    assert followed(lambda _: b"", cores=0.1).verdicts == ("healthy",)


def test_a_starved_spin_is_known_by_its_demand() -> None:
    """What counts is the core that it asks for, not the one that others leave to it."""
    assert followed(lambda _: b"", cores=0.2, waited=0.75).verdicts == ("spin",)


def test_other_busy_work_speaks_against_a_spin() -> None:
    """An empty read in a loop that has a small part of the busy looks does not explain the CPU."""
    serve = Program(
        """
        async def serve(request):
            body = render(request)  # render
        """,
        "/srv/pages.py",
    )

    def moment(n: int) -> Strand:
        if n % 4:
            return turn(serve.at("serve", "render", 100 + n, request=f"/{n}"), operations=n * 40)
        return turn(FOLLOW.at("follow", "wait", 11, line=b""), operations=n * 40)

    assert diagnose(filmed([FOLLOW, serve], moment)).verdicts == ("healthy",)


def paced(value: Callable[[int], object]) -> Diagnosis:
    """Diagnose a loop that gives way with sleep(0) between looks at a board."""

    def moment(n: int) -> Strand:
        board = {"value": value(n), "board": thing("Board", ready=False)}
        if n % 2:
            return turn(PACE.at("settle", "look", 11, **board), operations=n * 4000)
        calls = (PACE.at("settle", "pause", 11, **board), SLEEP0)
        return turn(operations=n * 4000, ready=(task(*calls),))

    return diagnose(filmed(PACE, moment))


def test_giving_way_for_nothing_is_a_spin() -> None:
    """sleep(0) in a loop in which nothing ever changes is a poll without a pause."""
    found = paced(lambda _: 20)
    assert found.verdicts == ("spin",)
    assert "HL003" in {cause.code for cause in found.causes}


def test_giving_way_in_a_computation_is_healthy() -> None:
    """sleep(0) between steps of a computation whose values are new each time is good manners."""
    assert paced(lambda n: f"step {n * 7}").verdicts == ("healthy",)


def test_a_future_that_is_done_is_no_wait() -> None:
    """Waiting again and again for one and the same finished future is a spin."""
    program = Program("""
        async def hand_over(done):
            while True:
                await asyncio.wait({done})  # wait
    """)

    def moment(n: int) -> Strand:
        call = program.at("hand_over", "wait", 11, done=future("finished"))
        wait = standard("wait", "asyncio/tasks.py", 460, 12)
        return turn(operations=n * 4000, ready=(task(call, wait),))

    found = diagnose(filmed(program, moment))
    assert found.verdicts == ("spin",)
    assert "HL005" in {cause.code for cause in found.causes}


RETRY = Program("""
    def deliver(address):
        while True:
            try:
                connection = connect(address)  # try
                return connection.send()
            except ConnectionRefusedError:
                continue  # again
""")


def retried(**conditions: Any) -> Diagnosis:  # noqa: ANN401 - of Conditions
    """Diagnose a retry without a pause."""
    return diagnose(
        filmed(
            RETRY,
            lambda n: thread(RETRY.at("deliver", "again" if n % 4 == 0 else "try", address="db:5432")),
            **conditions,
        )
    )


def test_an_exception_raised_again_and_again_is_a_spin() -> None:
    """A handler that is seen running at every few looks tells what is in flight."""
    found = retried()
    assert found.verdicts == ("spin",)
    assert [cause.code for cause in found.causes] == ["HL006"]
    assert ("raised", "ConnectionRefusedError") in {(fact.kind, fact.value) for fact in found.evidence}


def test_a_retry_that_makes_connections_is_a_storm() -> None:
    """With outgoing I/O on every turn the loop is a storm, and a spin as well."""
    assert retried(new_sockets=400.0, system=0.4).verdicts == ("storm", "spin")


def test_a_storm_need_not_fill_a_core() -> None:
    """It waits for the other side on each turn: with its cause known it is one from a seventh of a core."""
    assert retried(new_sockets=400.0, cores=0.3).verdicts == ("storm",)
    assert retried(cores=0.3).verdicts == ("healthy",)
    assert retried(new_sockets=400.0, cores=0.05).verdicts == ("healthy",)


def test_requests_without_end_are_a_storm() -> None:
    """Data segments do instead of new connections where one is used again and again."""
    assert retried(segments=700.0).verdicts == ("storm", "spin")


def test_accepted_connections_are_no_storm() -> None:
    """A listening process has new connections because others make them: it spins for another reason."""
    assert followed(lambda _: b"", new_sockets=400.0, system=0.4, listening=True).verdicts == ("spin",)


@pytest.mark.parametrize(
    ("voluntary", "asleep", "verdict"), [(6000.0, 3, "healthy"), (200.0, 3, "spin"), (6000.0, 99, "spin")]
)
def test_switches_of_its_own_veto(voluntary: float, asleep: int, verdict: str) -> None:
    """Whoever gives up the core by itself a thousand times a second, and is seen asleep, waits for something.

    Fights for the GIL cause some switches as well; a thread that never sleeps does not make those of others its own.
    """
    program = Program("""
        def watch(stop):
            while True:
                stop.wait(-1)  # wait
    """)

    def moment(n: int) -> Strand:
        call = program.at("watch", "wait")
        wait = standard("Event.wait", "threading.py", 629, timeout=-1)
        return thread(call, wait, state="S" if n % asleep == 1 else "R")

    assert diagnose(filmed(program, moment, voluntary=voluntary)).verdicts == (verdict,)


def test_a_consuming_receive_of_equal_blocks_is_progress() -> None:
    """Eight kilobytes of zeros at every look were taken from a socket all the same."""
    program = Program("""
        def drain(source):
            while True:
                data = source.recv(8192)  # take
                if not data:
                    return
    """)
    full = filmed(program, lambda _: thread(program.at("drain", "take", data=bytes(8192))))
    assert diagnose(full).verdicts == ("healthy",)


def test_a_poll_that_calls_nothing_is_a_spin() -> None:
    """`while not ready: pass` waits for what another thread sets."""
    program = Program("""
        def watch(board):
            while not board.ready:  # test
                pass
    """)
    board = thing("Board", ready=False)
    found = diagnose(filmed(program, lambda _: thread(program.at("watch", "test", board=board))))
    assert found.verdicts == ("spin",)
    assert [cause.code for cause in found.causes] == ["HL004"]


def test_a_condition_that_never_changes_is_a_spin() -> None:
    """A loop whose own condition tests what it sets, and what stays as it is, can never end."""
    program = Program("""
        def headers(text):
            position = 0
            while position < len(text):
                end = text.find(":", position)  # find
                if end > 0:  # test
                    position = end + 1
    """)

    def moment(n: int) -> Strand:
        return thread(program.at("headers", ("find", "test")[n % 2], text="no colon", position=0, end=-1))

    assert diagnose(filmed(program, moment)).verdicts == ("spin",)


def test_computing_is_healthy() -> None:
    """A loop that neither waits nor receives works, however equal its results are."""
    program = Program("""
        def press(page):
            while True:
                packed = zlib.compress(page)  # pack
    """)
    page = b"x" * 1000
    found = diagnose(filmed(program, lambda _: thread(program.at("press", "pack", page=page, packed=b"x"))))
    assert found.verdicts == ("healthy",)


def test_going_through_finite_data_is_healthy() -> None:
    """A `for` over things that come to an end advances, though what is awaited in it gives nothing."""
    program = Program("""
        async def send_all(batch, sink):
            for item in batch:
                answer = await sink.send(item)  # send
    """)

    def moment(n: int) -> Strand:
        return turn(program.at("send_all", "send", 11, item=f"item {n}", answer=None), operations=n * 90)

    assert diagnose(filmed(program, moment)).verdicts == ("healthy",)


def test_too_few_looks_give_no_spin() -> None:
    """What was seen seven times is no ground for a verdict on a busy process."""
    assert followed(lambda _: b"", looks=7).verdicts == ("unknown",)


def test_tasks_alike_are_counted() -> None:
    """Three tasks in the same loop are one finding, and their number is stated."""

    def moment(n: int) -> Strand:
        call = FOLLOW.at("follow", NAMES[n % 3], 11 + n % 3, line=b"")
        return turn(call, operations=n * 4000)

    found = diagnose(filmed(FOLLOW, moment))
    assert found.verdicts == ("spin",)
    assert ("alike", 3) in {(fact.kind, fact.value) for fact in found.evidence}


def test_a_loop_in_a_package_names_it_and_the_users_frame() -> None:
    """The culprit is the package's loop, with the package's version and the line of the user's that led there."""
    library = Program(
        """
        class Client:
            def pump(self):
                while True:
                    frame = self.connection.recv()  # take
                    self.count += 1  # count
        """,
        f"{PACKAGES}/wires/client.py",
        "wires 1.2",
    )
    app = Program("""
        def main(client):
            client.pump()  # call
    """)

    def moment(n: int) -> Strand:
        return thread(app.at("main", "call"), library.at("Client.pump", ("take", "count")[n % 2], frame=b""))

    culprit = diagnose(filmed([library, app], moment)).culprit
    assert culprit is not None
    assert (culprit.function, culprit.package) == ("Client.pump", "wires 1.2")
    assert culprit.called_from is not None
    assert (culprit.called_from.function, culprit.called_from.line) == ("main", app.line("call"))


def test_an_idle_event_loop_is_healthy() -> None:
    """A loop that is found waiting for I/O at every look is fine, whatever its process does elsewhere."""
    assert diagnose(filmed(FOLLOW, lambda _: resting(operations=5), cores=0.01)).verdicts == ("healthy",)


def test_a_second_thread_may_be_the_one() -> None:
    """An event loop that rests beside a thread that spins does not hide it."""
    program = Program("""
        def drain(jobs):
            while True:
                job = jobs.get(block=False)  # get
                run(job)  # run
    """)

    def moment(n: int) -> tuple[Strand, Strand]:
        call = program.at("drain", ("get", "run")[n % 2], job=None, jobs=thing("Queue"))
        return resting(operations=4), thread(call, number=8)

    found = diagnose(filmed(program, moment))
    assert found.verdicts == ("spin",)
    assert found.culprit is not None
    assert found.culprit.function == "drain"


def test_a_wait_without_time_is_none() -> None:
    """A wait that is given no seconds is over at once, at each turn."""
    program = Program("""
        def keep_watch(stop, left):
            while True:
                stop.wait(left)  # wait
    """)

    def moment(_: int) -> Strand:
        call: At = program.at("keep_watch", "wait", left=-4.0)
        return thread(call, standard("Event.wait", "threading.py", 629, timeout=-4.0))

    found = diagnose(filmed(program, moment))
    assert found.verdicts == ("spin",)
    assert [cause.code for cause in found.causes] == ["HL015"]


def test_a_select_that_waits_is_not_the_culprit() -> None:
    """A thread asleep in its select is not at work."""
    program = Program("""
        def serve(selector):
            while True:
                ready = selector.select()  # wait
    """)
    found = diagnose(
        filmed(program, lambda _: thread(program.at("serve", "wait", ready=[]), SELECT, state="S"), cores=0.0)
    )
    assert found.verdicts == ("healthy",)
    assert found.culprit is None


def test_the_users_own_loop_is_named_before_a_librarys() -> None:
    """Of two loops that get nothing, both at work all the time."""
    library = Program(FOLLOW.text, f"{PACKAGES}/wires/client.py", "wires 1.2")

    def moment(n: int) -> Strand:
        program, task_number = ((library, 21), (library, 21), (FOLLOW, 11))[n % 3]
        return turn(program.at("follow", NAMES[n // 3 % 3], task_number, line=b""), operations=n * 4000)

    culprit = diagnose(filmed([library, FOLLOW], moment)).culprit
    assert culprit is not None
    assert culprit.file == FOLLOW.file


def test_a_loop_that_turns_for_nothing_is_a_spin() -> None:
    """An event loop that is always awake and runs next to nothing has a descriptor that is ready and never served."""
    reader = Program("def on_readable(bridge):\n    bridge.note()  # note\n")

    def moment(n: int) -> Strand:
        calls = (reader.at("on_readable", "note"),) if n == 20 else ()
        return turn(*calls, operations=n * 4000)

    found = diagnose(filmed(reader, moment, voluntary=0.0))
    assert found.verdicts == ("spin",)
    assert found.details[0].confidence < 0.8
    assert found.culprit is not None
    assert found.culprit.function == "on_readable"
    assert diagnose(filmed(reader, moment, tcp_bytes=1e6)).verdicts == ("healthy",)
    assert diagnose(filmed(reader, moment, voluntary=500.0)).verdicts == ("healthy",)


ROUNDS = Program("""
    async def serve(stream):
        while True:
            lines = asyncio.Queue()
            asyncio.create_task(fetch(stream, lines))  # start
            while line := await lines.get():  # get
                keep(line)

    async def fetch(stream, lines):
        read = asyncio.create_task(stream.readline())  # read
        while True:
            await asyncio.wait({read})
            lines.put_nowait(read.result())
            return
""")


def rounds(created: int, stream: Callable[[int], object], **conditions: Any) -> Diagnosis:  # noqa: ANN401 - of Conditions
    """Diagnose a maker of helpers that is seen in the stack samples only; its helper is never seen in its loop."""

    def moment(number: int) -> Strand:
        if number % 12 == 11:
            return turn(At("serve", ROUNDS.line("start")), operations=number * 4000)
        helper = ROUNDS.at("fetch", "read", 50, stream__buffer=stream(number), stream__eof=True)
        wait = standard("wait", "asyncio/tasks.py", 450)
        return turn(helper, *((wait,) if number % 2 else ()), operations=number * 4000)

    made = (census(0.1, 0, serve=1), census(1.5, created // 2, serve=1), census(2.9, created, serve=1))
    return diagnose(filmed(ROUNDS, moment, changes={"censuses": made}, **conditions))


def test_helpers_without_end_are_the_fault_of_who_makes_them() -> None:
    """Each helper takes the memory of the one before, and its own loop ends: what turns is the loop that makes it."""
    found = rounds(60_000, lambda _: b"")
    assert found.verdicts == ("spin",)
    assert found.culprit is not None
    assert found.culprit.function == "serve"
    assert [cause.code for cause in found.causes] == ["HL009"]


def test_helpers_that_get_something_are_work() -> None:
    """What they read from has new contents, or bytes are moved."""
    assert rounds(60_000, lambda number: b"%x" % (number * 7919)).verdicts == ("healthy",)
    assert rounds(60_000, lambda _: b"", tcp_bytes=1e6).verdicts == ("healthy",)
