"""Who starts the tasks and threads that grow, and who opens what nobody closes."""

import pytest
from made_program import LIBRARY, PACKAGES, Program, Strand, resting, standard, task, thread, turn
from made_snapshots import filmed

from diag.diagnosis import build
from diag.verdicts import makers
from diag.verdicts.case import Case


def case(*programs: Program) -> Case:
    """Make the case of an idle process with these sources."""
    return build(filmed(programs, lambda _: resting(operations=5)))


def seeing(program: Program, strand: Strand) -> Case:
    """Make the case of a process that is the same at all looks."""
    return build(filmed(program, lambda _: strand))


@pytest.mark.parametrize(
    "statement",
    [
        "asyncio.create_task(watch(session))",
        "self.tasks.add(loop.create_task(watch(session)))",
        "group.start_soon(watch, session)",
        "asyncio.ensure_future(self.watch())",
        "Thread(target=watch).start()",
        "pool.submit(self.watch, 3)",
        "asyncio.run_coroutine_threadsafe(watch(), loop)",
    ],
)
def test_who_starts_a_coroutine(statement: str) -> None:
    """The line on which it is handed to something that makes tasks or threads, in whatever form."""
    program = Program(f"async def on_session(session):\n    {statement}  # start\n")
    step = makers.creator_of("Server.watch", case(program))
    assert step is not None
    assert (step.function, step.line) == ("on_session", 2)


@pytest.mark.parametrize(
    "statement",
    ["await watch(session)", "asyncio.create_task(other())", "watch = asyncio.create_task(other())"],
)
def test_who_does_not(statement: str) -> None:
    """Awaiting it makes no task, and neither does a variable of that name."""
    program = Program(f"async def on_session(session):\n    {statement}\n")
    assert makers.creator_of("watch", case(program)) is None


def test_the_users_own_code_comes_first() -> None:
    """A package that starts a coroutine of that name is only meant where nobody else does; the interpreter never."""
    text = "def begin(loop):\n    loop.create_task(watch())\n"
    own, package = Program(text), Program(text, f"{PACKAGES}/wires/client.py")
    standard_library = Program(text, f"{LIBRARY}/asyncio/runners.py")
    first = makers.creator_of("watch", case(package, own))
    assert first is not None
    assert first.file == own.file
    second = makers.creator_of("watch", case(package, standard_library))
    assert second is not None
    assert second.file == package.file
    assert makers.creator_of("watch", case(standard_library)) is None


def test_threads_that_are_new() -> None:
    """The function of most threads that were not there at the first look, below what starts a thread."""
    program = Program("def remind():\n    wait()  # wait\ndef rotate():\n    wait()  # rotate\n")
    start = standard("Thread.run", "threading.py")

    def moment(n: int) -> list[Strand]:
        new = [Strand((start, program.at("remind", "wait")), "S", 100 + k) for k in range(n)]
        old = [Strand((start, program.at("rotate", "rotate")), "S", 50 + k) for k in range(20)]
        late = [Strand((start, program.at("rotate", "rotate")), "S", 90)] if n > 20 else []
        return [thread(state="S"), *old, *late, *new]

    found = makers.new_threads(build(filmed(program, moment)))
    assert found is not None
    assert found.function == "remind"
    assert makers.new_threads(case(program)) is None


OPENERS = """
    def load(path):
        with open(path) as file:
            return file.read()
    def scratch():
        {}
"""


@pytest.mark.parametrize(
    "statement",
    [
        "return tempfile.TemporaryFile()",
        "handle = open('x')",
        "sock = socket.socket()",
        "with lock:\n            handle = open('x')",
    ],
)
def test_who_opens_without_with(statement: str) -> None:
    """What is opened as a `with` is closed by it; anything else may stay open."""
    found = makers.opener_of(case(Program(OPENERS.format(statement))))
    assert found is not None
    assert found[0].name == "scratch"


def test_what_a_with_closes_is_nobodys_leak() -> None:
    """With everything in a `with`, or in the interpreter's own library, nobody is accused."""
    closing = Program(OPENERS.format("with socket.socket() as sock: pass"))
    library = Program("def mktemp():\n    return open('x')\n", f"{LIBRARY}/tempfile.py")
    assert makers.opener_of(case(closing, library)) is None


def test_the_opener_that_was_seen_is_preferred() -> None:
    """Of several, the one on a stack, be it a task's; of the others, one that closes nothing."""
    program = Program("""
        def first():
            handle = open("x")
            handle.close()
        def second():
            handle = open("x")
        def third():
            handle = open("x")  # open
            handle.close()
    """)
    unseen = makers.opener_of(case(program))
    assert unseen is not None
    assert unseen[0].name == "second"
    third = program.at("third", "open", 11)
    for strand in (thread(third), turn(ready=(task(third),)), turn(waiting=(task(third),))):
        seen = makers.opener_of(seeing(program, strand))
        assert seen is not None
        assert (seen[0].name, seen[1].line) == ("third", program.line("open"))


def test_no_snapshots_name_no_threads() -> None:
    """Threads are known from snapshots only."""
    assert makers.new_threads(build(filmed([], lambda _: thread(), looks=0))) is None
