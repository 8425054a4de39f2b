"""HL009: a loop that makes a task or a thread on every turn."""

import dataclasses
import pathlib

import pytest
import scenes

from diag.causes.cause import Scene, Variable
from diag.causes.task_per_turn import CAUSE
from repro.server import variants

ROUNDS = """
async def view(stream, ws):
    while True:
        lines = asyncio.Queue()
        asyncio.create_task(read(stream, lines))  # hot
        while line := await lines.get():
            await ws.send(line)
"""

MADE = scenes.facts(verdicts=frozenset({"spin"}), created_per_second=30_000.0, growth_per_second=0.0)


def loop(body: str) -> Scene:
    """Make a scene of a loop in a coroutine."""
    lines = body.splitlines()
    inside = "\n".join(f"            {line}" for line in lines)
    return scenes.scene(f"""
class Server:
    async def run(self, ws, pool, loop, tasks):
        while True:
            self.turn()  # hot
{inside}

    async def serve(self, item):
        await item

    def start_one(self):
        asyncio.create_task(self.serve(1))
""")


def test_a_reader_for_every_round() -> None:
    """The loop, the line and the coroutine are named."""
    here = scenes.scene(ROUNDS)
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (4, (2, 4))
    assert match.message == (
        "The loop in lines 2-6 makes a task of `read` in line 4 on every turn and does not wait for it."
    )
    assert scenes.judged(CAUSE, here, MADE) > 0.8


def test_tasks_that_pile_up() -> None:
    """Live tasks of that coroutine grow; a method is known by its class only when it runs."""
    here = loop("sender = asyncio.create_task(ws.send_str(line))\nsenders.add(sender)")
    grow = scenes.facts(growth_per_second=40_000.0, growing=("WebSocket.send_str",))
    assert scenes.judged(CAUSE, here, grow) == 0.97
    other = scenes.facts(growth_per_second=40_000.0, growing=("Watcher.watch",), created_per_second=40_000.0)
    assert scenes.judged(CAUSE, here, other) == 0


@pytest.mark.parametrize(
    ("body", "runs"),
    [
        ("asyncio.create_task(self.serve(item))", "serve"),
        ("asyncio.ensure_future(self.serve(item))", "serve"),
        ("loop.create_task(self.serve(item), name='x')", "serve"),
        ("loop.create_task(coro=self.serve(item))", "serve"),
        ("asyncio.run_coroutine_threadsafe(self.serve(item), loop)", "serve"),
        ("coro = self.serve(item)\nasyncio.create_task(coro)", "serve"),
        ("nursery.start_soon(self.serve, item)", "serve"),
        ("self.task_group.start_soon(functools.partial(self.serve, item))", "serve"),
        ("gevent.spawn(self.serve, item)", "serve"),
        ("asyncio.gather(self.serve(item), return_exceptions=True)", "serve"),
        ("asyncio.create_task(asyncio.wait_for(self.serve(item), 1))", "wait_for"),
        ("tg.create_task(self.serve(item))", "serve"),
        ("asyncio.Task(self.serve(item))", "serve"),
        ("self.tasks.append(asyncio.create_task(self.serve(item)))", "serve"),
        ("self.start_one()", "serve"),
    ],
)
def test_every_way_to_make_a_task(body: str, runs: str) -> None:
    """asyncio, trio, anyio, gevent; by a name, in a container, in a helper of the loop's."""
    here = loop(body)
    assert f"a task of `{runs}`" in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, MADE) == 0.85


@pytest.mark.parametrize(
    "body",
    [
        "await asyncio.gather(*(self.serve(item) for item in self.items))",
        "await asyncio.wait({self.serve(1), self.serve(2)})",
        "await asyncio.wait([self.serve(item) for item in self.items])",
        "await asyncio.create_task(self.serve(1))",
        "task = asyncio.create_task(self.serve(1))\nawait task",
        "a, b = asyncio.create_task(self.serve(1)), asyncio.create_task(self.serve(2))\nawait asyncio.wait({a, b})",
        "started = [asyncio.create_task(self.serve(1))]\nfor task in started: await task",
        "started = []\nstarted.append(asyncio.create_task(self.serve(1)))\nawait asyncio.gather(*started)",
        "async with asyncio.TaskGroup() as tg: tg.create_task(self.serve(1))",
        "for done in asyncio.as_completed([self.serve(1)]): await done",
        "await asyncio.shield(self.serve(1))",
    ],
)
def test_less_certain_where_the_loop_waits_for_it(body: str) -> None:
    """What the loop gets from its tasks says more about the fault than that it makes them."""
    assert scenes.judged(CAUSE, loop(body), MADE) == pytest.approx(0.55)


@pytest.mark.parametrize(
    "body",
    [
        "threading.Thread(target=self.work, daemon=True).start()",
        "threading.Thread(None, self.work).start()",
        "pool.submit(self.work, 1)",
        "loop.run_in_executor(None, self.work, 1)",
        "pool.apply_async(self.work)",
        "threading.Timer(0, self.work).start()",
    ],
)
def test_threads(body: str) -> None:
    """There is no count of threads' work; it is seen being given out."""
    here = loop(body)
    assert "makes a thread's work of `work`" in scenes.found(CAUSE, here).message
    assert 0.5 < scenes.judged(CAUSE, here, scenes.facts(called=("submit", "start"))) < 0.8
    assert scenes.judged(CAUSE, here, scenes.facts(called=("compute",))) == 0


def test_a_helper_is_named_with_both_lines() -> None:
    """The line of the call and the line of the making."""
    match = scenes.found(CAUSE, loop("self.start_one()"))
    assert (match.line, match.lines) == (11, (3, 5, 11))
    assert "in line 11, through `start_one` in line 5," in match.message


def test_a_helper_in_another_module() -> None:
    """A function that was seen below the loop is known by its source."""
    here = scenes.scene(
        """
async def run(client):
    while True:
        await client.publish(b"")  # hot
""",
        inner=[
            (
                "class Client:\n    async def publish(self, data):\n        asyncio.create_task(self.flush())\n",
                "Client.publish",
            )
        ],
    )
    assert "through `publish` in line 3," in scenes.found(CAUSE, here).message


def test_what_the_standard_library_makes_is_its_own_business() -> None:
    """`asyncio.wait_for` makes a task of what it waits for."""
    here = scenes.scene(
        "async def run(q):\n    while True:\n        await asyncio.wait_for(q.get(), 0)  # hot\n"
    )
    text = "async def wait_for(fut, timeout):\n    fut = ensure_future(fut)\n"
    library = scenes.module(text, "/usr/lib/python3.11/asyncio/tasks.py")
    inner = ((library, scenes.named(library, "wait_for")),)
    assert CAUSE.find(dataclasses.replace(here, inner=inner)) is None
    itself = scenes.scene(
        "for one in coros:\n    create_task(one())  # hot\n", file="/usr/lib/python3.11/asyncio/tasks.py"
    )
    assert CAUSE.find(itself) is None


@pytest.mark.parametrize(
    "body",
    [
        "await self.serve(1)",
        "await asyncio.wait({read, stopping}, return_when=asyncio.FIRST_COMPLETED)",
        "await asyncio.gather(*tasks)",
        "await asyncio.wait_for(self.serve(1), 5)",
        "self.event.wait()",
        "await asyncio.sleep(0)",
        "self.server.start()",
        "self.camera.start(1)",
        "def later(): asyncio.create_task(self.serve(1))",
        "later = lambda: asyncio.create_task(self.serve(1))",
        "asyncio.create_task()",
        "asyncio.create_task(*args)",
        "asyncio.gather()",
        "threading.Thread()",
        "pool.submit(*work)",
    ],
)
def test_silent_where_nothing_is_made(body: str) -> None:
    """Waits for what is there, and calls that only look alike."""
    assert CAUSE.find(loop(body)) is None


def test_silent_without_a_loop() -> None:
    """One task is no fault."""
    assert CAUSE.find(scenes.scene("async def f():\n    asyncio.create_task(g())  # hot\n")) is None


@pytest.mark.parametrize(
    "contradiction",
    [
        {"created_per_second": 20.0},
        {"created_per_second": None},
        {"bytes_per_second": 5e6},
        {"variables": {"item": Variable(behaviour="changing", types=("bytes",))}},
        {"lines": frozenset({3, 7})},
    ],
)
def test_silent_where_the_facts_contradict(contradiction: dict[str, object]) -> None:
    """Few tasks, payload that is moved, data that is new, a line that was never seen running."""
    here = loop("asyncio.create_task(self.serve(item))")
    measured: dict[str, object] = {"created_per_second": 30_000.0, "lines": frozenset({4, 5})}
    assert scenes.judged(CAUSE, here, scenes.facts(**measured)) > 0.8  # type: ignore[arg-type] # fields
    assert scenes.judged(CAUSE, here, scenes.facts(**measured | contradiction)) == 0  # type: ignore[arg-type] # fields


@pytest.mark.parametrize(("name", "coroutine"), [("half_fixed", "read_log"), ("fan_out", "send_str")])
def test_the_incident(name: str, coroutine: str) -> None:
    """The variants of the log service that make tasks without end."""
    text = pathlib.Path(variants.__path__[0], f"{name}.py").read_text()
    here = scenes.scene(text.replace("    while True:", "    while True:  # hot", 1))
    match = scenes.found(CAUSE, here)
    assert f"makes a task of `{coroutine}`" in match.message
    assert "does not wait for it" in match.message
