"""HL014: a task started for each event, whose own loop or wait does not end."""

import pytest
import scenes

from diag.causes.cause import Facts, Scene
from diag.causes.without_end import CAUSE

KEEPALIVE = """
class Hub:
    async def keepalive(self, sid):
        while True:  # hot
            await asyncio.sleep(5)

    async def on_message(self, sid):
        self.tasks.append(asyncio.create_task(self.keepalive(sid)))
"""


def growing(*names: str, **others: object) -> Facts:
    """Make the facts of a leak of tasks."""
    measured: dict[str, object] = {
        "verdicts": frozenset({"leak"}),
        "growth_per_second": 40.0,
        "growing": names,
        "on_event_loop": True,
    }
    return scenes.facts(**measured | others)  # type: ignore[arg-type] # fields


def task(body: str, head: str = "async def job(self, stream, event, tasks):") -> Scene:
    """Make a scene of a task's function."""
    inside = "\n".join(f"        {line}" for line in body.splitlines())
    return scenes.scene(f"""
class Hub:
    {head}
        self.begin()  # hot
{inside}
""")


def test_a_loop_without_a_way_out() -> None:
    """The loop and the line that starts another one are named."""
    here = scenes.scene(KEEPALIVE)
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (3, (3, 7))
    assert match.message == (
        "A task of `keepalive` does not end: the loop in lines 3-4 has no way out, and line 7 starts another one "
        "by `Hub.on_message` each time."
    )
    assert scenes.judged(CAUSE, here, growing("Hub.keepalive")) > 0.9


def test_a_loop_that_ends_by_what_is_never_set() -> None:
    """Its conditions are named: at the head, and of `break`, `return` and `raise` inside."""
    here = task("""while not self.closed:
    if app.should_exit:
        break
    await anyio.sleep(0.5)""")
    match = scenes.found(CAUSE, here)
    assert "only `self.closed` or `app.should_exit` can end the loop in lines 4-7" in match.message
    assert 0.8 < scenes.judged(CAUSE, here, growing("Hub.job")) < 0.9


@pytest.mark.parametrize(
    "body",
    [
        "while 1:\n    await self.turn()",
        "while True:\n    item = await self.queue.get()\n    self.handle(item)",
        "try:\n    while True:\n        await asyncio.sleep(1)\nfinally:\n    self.end()",
        "while True:\n    async with self.lock:\n        self.turn()",
        "while True:\n    async for item in stream:\n        self.handle(item)",
        "while True:\n    try:\n        await self.turn()\n    except OSError:\n        continue",
    ],
)
def test_every_endless_loop(body: str) -> None:
    """Loops that wait on each turn, wherever they stand in the function."""
    here = task(body)
    assert "has no way out" in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, growing("job")) > 0.9


def test_a_subscription_that_goes_on() -> None:
    """An `async for` ends with its source."""
    assert (
        "goes on as long as `self.pubsub.listen()` does"
        in scenes.found(CAUSE, task("async for item in self.pubsub.listen():\n    self.handle(item)")).message
    )


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("await event.wait()", "`event.wait()`"),
        ("await self.future", "`self.future`"),
        ("item = await self.queue.get()", "`self.queue.get()`"),
        ("await self.locks[1].acquire()", "line 4 waits"),
        ("message = await self.ws.receive()", "`self.ws.receive()`"),
        ("future = loop.create_future()\nself.waiters.append(future)\nreturn await future", "`future`"),
        ("for number in range(3):\n    await event.wait()", "`event.wait()`"),
    ],
)
def test_a_wait_for_what_does_not_come(body: str, what: str) -> None:
    """Without a loop, it is a wait that keeps the task: less certain."""
    here = task(body)
    assert what in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, growing("Hub.job")) == 0.6


def test_a_thread_started_for_each_event() -> None:
    """Its function does not end either."""
    here = scenes.scene("""
def watch(sid):
    while True:
        poll(sid)  # hot
        time.sleep(1)

def on_message(sid):
    threading.Thread(target=watch, args=(sid,), daemon=True).start()
""")
    match = scenes.found(CAUSE, here)
    assert match.lines == (2, 7)


def test_the_creator_in_another_module() -> None:
    """It is named with its file."""
    here = scenes.scene("async def job():\n    while True:  # hot\n        await tick()\n")
    creator = scenes.module("def start():\n    create_task(job())\n", "main.py")
    seen = Scene(
        module=here.module,
        function=here.function,
        loop=here.loop,
        line=here.line,
        outer=((creator, scenes.named(creator, "start"), 2),),
    )
    match = scenes.found(CAUSE, seen)
    assert "line 2 of main.py starts another one by `start`" in match.message
    assert match.lines == (2,)


def test_the_creator_of_its_own_class_comes_first() -> None:
    """Several classes can have a method of that name."""
    here = scenes.scene(
        """
class Other:
    def start(self):
        asyncio.create_task(self.run())

class Hub:
    async def run(self):
        while True:  # hot
            await tick()

    def start(self):
        asyncio.create_task(self.run())
"""
    )
    assert "line 11 starts another one by `Hub.start`" in scenes.found(CAUSE, here).message


def test_without_a_creator_the_loop_stands_alone() -> None:
    """A message is whole without it."""
    assert scenes.found(CAUSE, task("while True:\n    await tick()")).message == (
        "A task of `job` does not end: the loop in lines 4-5 has no way out."
    )


@pytest.mark.parametrize(
    "body",
    [
        "await self.send(stream)",
        "await super().send_str(stream)",
        "return self.value",
        "for item in tasks:\n    self.handle(item)",
        "await asyncio.gather(*tasks)",
        "await tasks[0].run()",
        "async def inner():\n    while True:\n        await tick()",
    ],
)
def test_silent_where_nothing_keeps_the_task(body: str) -> None:
    """Work that takes its time, and loops in functions that are only defined."""
    assert CAUSE.find(task(body)) is None


def test_silent_at_a_loop_that_does_not_wait() -> None:
    """An endless loop without a wait is a spin."""
    assert CAUSE.find(task("while True:\n    self.turn()")) is None


@pytest.mark.parametrize("text", ["while True:  # hot\n    wait()\n", "f = lambda: g.wait()  # hot\n"])
def test_silent_outside_a_function(text: str) -> None:
    """A module's own code and a lambda are no tasks."""
    assert CAUSE.find(scenes.scene(text)) is None


@pytest.mark.parametrize(
    "measured",
    [
        Facts(),
        growing("Other.keepalive"),
        growing("serve"),
        growing("Hub.keepalive", growth_per_second=0.0),
        growing("Hub.keepalive", growth_per_second=-3.0),
        growing("Hub.keepalive", verdicts=frozenset({"spin"})),
        growing("Hub.keepalive", frozen=True),
    ],
)
def test_silent_where_the_facts_contradict(measured: Facts) -> None:
    """Nothing grows, something else does, or nothing can end because the event loop is held up."""
    assert scenes.judged(CAUSE, scenes.scene(KEEPALIVE), measured) == 0
