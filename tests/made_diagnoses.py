"""Diagnoses made by hand, one of each verdict."""

from typing import Any

from made_recordings import recording

from diag.findings import (
    CauseFound,
    Culprit,
    Diagnosis,
    Evidence,
    Quality,
    SourceLine,
    Step,
    TaskFindings,
    Verdict,
)

BUGGY = "/srv/shop/repro/server/variants/buggy.py"
_LINES = """\
async def read_log(content, lines, stopping):
    read = asyncio.create_task(content.readline())
    while True:
        done, _ = await asyncio.wait({read, stopping}, return_when=FIRST_COMPLETED)
        for future in done:
            if future is stopping:
                return
            line = read.result()
            if not line:
                break
            await lines.put(text(line))
            read = asyncio.create_task(content.readline())
""".splitlines()
_HEAT = {33: 0.02, 34: 0.71, 35: 0.04, 36: 0.03, 38: 0.06, 39: 0.03, 40: 0.05}
_FIRST = 31


def diagnosis(**changes: Any) -> Diagnosis:  # noqa: ANN401 - any field of a Diagnosis
    """Make a healthy, idle process, but for `changes`."""
    fields: dict[str, Any] = {
        "verdicts": ("healthy",),
        "frozen": False,
        "cores": 0.02,
        "demand": 0.02,
        "culprit": None,
        "causes": (),
        "tasks": TaskFindings(
            live=4, by_coroutine={"serve": 3, "main": 1}, growth_per_second=0.0, created_per_second=0.0
        ),
        "evidence": (
            Evidence(kind="cpu", value=0.02, unit="cores", text="The process hardly needs a core."),
            Evidence(
                kind="voluntary-switches",
                value=83.0,
                unit="1/s",
                text="It waits in between, as a process does that has little to do.",
            ),
        ),
        "details": (
            Verdict(
                name="healthy",
                confidence=0.95,
                reason="It is idle: 0.02 core, 83 voluntary switches a second.",
                evidence=("cpu", "voluntary-switches"),
            ),
        ),
        "summary": "healthy: 0.02 of a core",
        "target": recording().target,
        "quality": Quality(seconds=3.1, stack_samples=280, snapshots=40, censuses=2),
    }
    return Diagnosis(**(fields | changes))


def culprit(**changes: Any) -> Culprit:  # noqa: ANN401 - any field of a Culprit
    """Make the loop of the incident, but for `changes`."""
    fields: dict[str, Any] = {
        "file": BUGGY,
        "function": "read_log",
        "line": 34,
        "loop": (33, 42),
        "share": 0.93,
        "source": tuple(
            SourceLine(line=number, text=text, share=_HEAT.get(number, 0.0))
            for number, text in enumerate(_LINES, start=_FIRST)
        ),
    }
    return Culprit(**(fields | changes))


INEFFECTIVE_BREAK = CauseFound(
    code="HL001",
    name="ineffective-break",
    file=BUGGY,
    line=40,
    lines=(33, 35, 40),
    message="`break` in line 40 leaves only the `for` of line 35, so the `while True` of line 33 goes on with a stream "
    "that has ended.",
    remedy="Leave the outer loop: `return` in line 40, or test a flag in the `while` of line 33.",
)


def spin(**changes: Any) -> Diagnosis:  # noqa: ANN401 - any field of a Diagnosis
    """Make the incident: a live spin with its cause."""
    fields: dict[str, Any] = {
        "verdicts": ("spin",),
        "cores": 0.98,
        "demand": 1.01,
        "culprit": culprit(),
        "causes": (INEFFECTIVE_BREAK,),
        "tasks": TaskFindings(
            live=7,
            by_coroutine={"RequestHandler.start": 3, "read_log": 1, "view": 1, "main": 1, "probe": 1},
            growth_per_second=0.0,
            created_per_second=0.3,
        ),
        "evidence": (
            Evidence(kind="cpu-flat", value=0.98, unit="cores", text="CPU is flat at about one core."),
            Evidence(
                kind="one-loop",
                value=0.93,
                unit="share",
                text="The samples that do not merely wait pass through the loop in lines 33-42 of read_log.",
            ),
            Evidence(
                kind="no-voluntary-switches",
                value=0,
                unit="1/s",
                text="The thread never gives up its core of its own accord.",
            ),
            Evidence(
                kind="turns",
                value=41_210.0,
                unit="1/s",
                text="Callbacks that the event loop ran; its select has a timeout of 0 each time.",
            ),
            Evidence(kind="empty-value", value="b''", unit="", text="`line` was b'' at all 40 looks."),
        ),
        "details": (
            Verdict(
                name="spin",
                confidence=0.97,
                reason="The loop of read_log in lines 33-42 takes 0.98 core, never waits, and gets b'' each time.",
                evidence=("cpu-flat", "one-loop", "empty-value"),
            ),
        ),
        "summary": "spin: read_log",
    }
    return diagnosis(**(fields | changes))


def storm() -> Diagnosis:
    """Make a client library's watch that is begun again and again; the library's own frame is the culprit."""
    return spin(
        verdicts=("storm",),
        cores=0.62,
        demand=0.71,
        culprit=culprit(
            file="/srv/venv/lib/python3.11/site-packages/kubernetes/aio/watch/watch.py",
            function="Watch._stream",
            line=189,
            loop=(170, 220),
            share=0.81,
            package="kubernetes 37.0.1",
            called_from=Step(file="/srv/shop/repro/server/variants/rewatch.py", function="view", line=31),
            source=(),
            changed=False,
        ),
        causes=(),
        evidence=(
            Evidence(
                kind="connections",
                value=94.0,
                unit="1/s",
                text="Connections are made and closed without pause.",
            ),
        ),
        details=(
            Verdict(
                name="storm",
                confidence=0.7,
                reason="Watch._stream of kubernetes 37.0.1 begins its request 94 times a second.",
                evidence=("connections",),
            ),
        ),
        summary="storm: Watch._stream",
    )


def leak() -> Diagnosis:
    """Make tasks that grow without bound, together with a spin."""
    by_coroutine = {"send": 118_400, "view": 1, "main": 1} | {f"helper_{number}": 1 for number in range(9)}
    return spin(
        verdicts=("leak", "spin"),
        frozen=True,
        causes=(
            CauseFound(
                code="HL014",
                name="task-without-end",
                file=BUGGY,
                line=34,
                message="Line 34 makes a task each time round, and none of them ever gets to run.",
                remedy="Await what the task does, or bound the tasks with a semaphore.",
                confidence=0.7,
            ),
        ),
        tasks=TaskFindings(
            live=118_411,
            by_coroutine=by_coroutine,
            growth_per_second=39_400.0,
            created_per_second=39_412.0,
            creator=Step(file=BUGGY, function="view", line=34),
        ),
        details=(
            Verdict(
                name="leak",
                confidence=0.9,
                reason="Live tasks grow by 39,400 a second; view makes them in line 34.",
            ),
            Verdict(name="spin", confidence=0.75, reason="The loop of view never waits."),
        ),
        summary="leak, spin: view",
    )


def blocked() -> Diagnosis:
    """Make an event loop that one long call holds up."""
    return diagnosis(
        verdicts=("blocked",),
        frozen=True,
        cores=0.0,
        culprit=culprit(function="report", line=34, loop=None, share=1.0),
        evidence=(Evidence(kind="held", value=2.9, unit="s", text="The same call was seen at all looks."),),
        details=(
            Verdict(
                name="blocked",
                confidence=0.9,
                reason="time.sleep in line 34 holds the event loop for 2.9 s and more.",
                evidence=("held",),
            ),
        ),
        summary="blocked: report",
    )


def unknown() -> Diagnosis:
    """Make a process of which nothing could be read."""
    return diagnosis(
        verdicts=("unknown",),
        cores=None,
        demand=None,
        tasks=TaskFindings(live=None, by_coroutine={}, growth_per_second=None, created_per_second=None),
        evidence=(),
        details=(
            Verdict(
                name="unknown",
                confidence=0.0,
                reason="The process ended after 0.2 s, before enough of it was seen.",
            ),
        ),
        summary="unknown",
        quality=Quality(
            seconds=0.2,
            stack_samples=0,
            snapshots=1,
            censuses=0,
            notes=("Process 7 ended 0.2 s after the recording's start.",),
        ),
    )


def hostile() -> Diagnosis:
    """Make a spin whose names and source carry control characters, markup and very long words."""
    evil = "\x1b[31m<script>alert(1)</script>|`*\u202e\n"
    return spin(
        culprit=culprit(
            file=f"/srv/{'deep/' * 40}{evil}.py",
            function=evil * 3,
            source=(SourceLine(line=34, text=f"\tx = '{evil}' # {'y' * 300}", share=0.9),),
        ),
        causes=(),
        tasks=TaskFindings(
            live=2, by_coroutine={evil: 2, "x" * 200: 1}, growth_per_second=None, created_per_second=None
        ),
        evidence=(Evidence(kind=evil, value=evil, unit="", text=evil),),
    )


ALL = {
    "spin": spin,
    "storm": storm,
    "leak": leak,
    "blocked": blocked,
    "healthy": diagnosis,
    "unknown": unknown,
    "hostile": hostile,
}
"""A maker of each kind."""
