"""HL003: a loop that waits for something with `sleep(0)`."""

import pytest
import scenes

from diag.causes.cause import Variable
from diag.causes.zero_sleep_polling import CAUSE

QUEUE = """
import asyncio

async def consume(q, out):
    while True:
        try:
            item = q.get_nowait()
        except asyncio.QueueEmpty:
            await asyncio.sleep(0)  # hot
            continue
        out.append(item)
"""

FAULTY = {
    "an event": """
        async def wait_ready(event):
            while not event.is_set():
                await asyncio.sleep(0)  # hot
    """,
    "a queue, caught broadly": """
        async def f(self):
            while self.running:
                try:
                    self.handle(self.queue.get_nowait())
                except Exception:
                    await asyncio.sleep(0)  # hot
    """,
    "0.0": """
        async def f(task):
            while not task.done():
                await asyncio.sleep(0.0)  # hot
    """,
    "by keyword": """
        async def f(task):
            while not task.done():
                await asyncio.sleep(delay=0)  # hot
    """,
    "a microsecond": """
        async def f(task):
            while not task.done():
                await asyncio.sleep(1e-6)  # hot
    """,
    "anyio": """
        async def f(self):
            while self.pending:
                await anyio.sleep(0)  # hot
    """,
    "a trio checkpoint": """
        async def f(self):
            while self.pending:
                await trio.lowlevel.checkpoint()  # hot
    """,
    "gevent, whose default is 0": """
        import gevent
        def f(self):
            while not self.ready():
                gevent.sleep()  # hot
    """,
    "gevent's idle": """
        import gevent
        def f(self):
            while not self.ready():
                gevent.idle()  # hot
    """,
    "tornado": """
        from tornado import gen
        async def f(self):
            while not self.closed:
                for subscriber in list(self.subscribers):
                    subscriber("tick")
                await gen.sleep(0)  # hot
    """,
    "tornado's moment": """
        from tornado import gen
        @gen.coroutine
        def f(self):
            while not self.closed:
                yield gen.moment  # hot
    """,
    "tornado's moment, awaited": """
        import tornado.gen
        async def f(self):
            while not self.closed:
                await tornado.gen.moment  # hot
    """,
    "trio": """
        async def f(coordinator):
            while not coordinator.finished:
                await trio.sleep(0)  # hot
    """,
    "a thread": """
        import time
        def f(self):
            while self.result is None:
                time.sleep(0)  # hot
    """,
    "a condition in the body": """
        async def f(self):
            while True:
                if self.finished:
                    break
                await asyncio.sleep(0)  # hot
    """,
    "a constant of the module": """
        POLL = 0
        async def f(self):
            while not self.ready:
                await asyncio.sleep(POLL)  # hot
    """,
    "an attribute that is 0 everywhere": """
        class Poller:
            def __init__(self):
                self.interval = 0
            async def f(self):
                while not self.ready:
                    await asyncio.sleep(self.interval)  # hot
    """,
    "else": """
        async def f(self):
            while True:
                message = self.pubsub.get_message()
                if message:
                    await self.handle(message)
                else:
                    await asyncio.sleep(0)  # hot
    """,
    "match": """
        async def f(queue):
            while True:
                match queue.qsize():
                    case 0:
                        await asyncio.sleep(0)  # hot
                    case _:
                        take(await queue.get())
    """,
    "an endless for": """
        async def f(self):
            for attempt in itertools.count():
                if self.socket.poll():
                    return attempt
                await asyncio.sleep(0)  # hot
    """,
}

SILENT = {
    "idle of something else": """
        def f(self):
            while not self.connection.ready():
                self.connection.idle()  # hot
    """,
    "a moment that is not tornado's": """
        async def f(self):
            while not self.closed:
                await self.moment  # hot
    """,
    "a real pause": """
        async def f(event):
            while not event.is_set():
                await asyncio.sleep(0.01)  # hot
    """,
    "the idle way pauses, the busy one gives way": """
        async def f(q):
            while True:
                try:
                    item = q.get_nowait()
                except asyncio.QueueEmpty:
                    await asyncio.sleep(0.1)
                    continue
                await handle(item)
                await asyncio.sleep(0)  # hot
    """,
    "waits for the queue first": """
        async def f(queue):
            while True:
                item = await queue.get()
                crunch(item)
                await asyncio.sleep(0)  # hot
    """,
    "counts": """
        async def f(n):
            i = 0
            while i < n:
                crunch(i)
                i += 1
                await asyncio.sleep(0)  # hot
    """,
    "goes through items": """
        async def f(rows):
            for row in rows:
                crunch(row)
                await asyncio.sleep(0)  # hot
    """,
    "a retry": """
        async def f(self):
            while self.running:
                try:
                    await self.connect()
                except OSError:
                    await asyncio.sleep(0)  # hot
    """,
    "sleeps until cancelled": """
        async def f():
            while True:
                await asyncio.sleep(3600)  # hot
    """,
    "returns after the zero sleep": """
        async def f(self):
            while True:
                await self.event.wait()
                await asyncio.sleep(0)  # hot
                return
    """,
    "an interval of the module": """
        INTERVAL = 5
        async def f(self):
            while not self.ready:
                await asyncio.sleep(INTERVAL)  # hot
    """,
    "pauses in a method of its own": """
        class Worker:
            async def backing(self):
                await asyncio.sleep(1)
            async def f(self):
                while not self.ready:
                    await self.backing()
                    await asyncio.sleep(0)  # hot
    """,
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_polling_with_a_zero_sleep_is_found(text: str) -> None:
    """The pattern is found, and holds where the loop is measured to wait for nothing."""
    here = scenes.scene(text)
    assert scenes.found(CAUSE, here).line == here.line
    measured = scenes.facts(verdicts=frozenset({"spin"}), waits="nothing", variables={"self": "constant"})
    assert scenes.judged(CAUSE, here, measured) > 0.9


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_look_alikes_stay_silent(text: str) -> None:
    """No match where something on the way pauses, or the loop has an end of its own."""
    assert CAUSE.find(scenes.scene(text)) is None


def test_the_message_names_question_and_pause() -> None:
    """What is asked, and the pause that is none, stand with their lines."""
    match = scenes.found(CAUSE, scenes.scene(QUEUE))
    assert (match.line, match.lines) == (8, (4, 6, 8))
    assert match.message == (
        "The loop of lines 4-10 asks `q.get_nowait()` in line 6 again and again, "
        "and its only pause is `asyncio.sleep(0)` in line 8."
    )


def test_a_variable_delay_must_be_measured() -> None:
    """A delay that the source does not tell counts where it was read as 0, or the loop was seen to wait for nothing."""
    here = scenes.scene("""
        async def f(self, delay):
            while not self.ready:
                await asyncio.sleep(delay)  # hot
    """)

    def agreement(text: str, waits: str = "unknown") -> float:
        seen = Variable(behaviour="constant", types=("float",), text=text)
        measured = scenes.facts(verdicts=frozenset({"spin"}), waits=waits, variables={"delay": seen})
        return scenes.judged(CAUSE, here, measured)

    assert agreement("0") > 0.7
    assert agreement("0.5", waits="nothing") == 0
    assert agreement("") == 0
    assert agreement("", waits="nothing") > 0.9
    assert "with `delay` at 0" in scenes.found(CAUSE, here).message


def test_a_computed_delay_needs_the_measured_wait() -> None:
    """Of an expression no value is read."""
    here = scenes.scene("""
        async def f(self, delay):
            while not self.ready:
                await asyncio.sleep(min(delay, 5))  # hot
    """)
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"delay": "constant"})) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(waits="nothing")) > 0.9


def test_a_function_below_that_only_gives_way() -> None:
    """A loop whose every turn calls a function that does no more than `sleep(0)`."""
    here = scenes.scene(
        """
        class Poller:
            async def tick(self):
                self.ticks += 1
                await asyncio.sleep(0)

            async def run(self):
                while not self.ready:
                    await self.tick()  # hot
        """,
        inner=["Poller.tick"],
    )
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (8, (4, 7, 8))
    assert "`self.tick()` in line 8" in match.message
    assert "`asyncio.sleep(0)` in line 4" in match.message
    assert scenes.judged(CAUSE, here, scenes.facts(waits="nothing")) > 0.9


@pytest.mark.parametrize("waits", ["io", "settled", "timeout", "never"])
def test_other_waits_acquit(waits: str) -> None:
    """A coroutine that waits for something else, or never suspends, does not spin on its `sleep(0)`."""
    measured = scenes.facts(verdicts=frozenset({"spin"}), waits=waits, on_event_loop=True)
    assert scenes.judged(CAUSE, scenes.scene(QUEUE), measured) == 0


@pytest.mark.parametrize("waits", ["nothing", "settled", "unknown"])
@pytest.mark.parametrize("sleep", ["tornado.gen.sleep", "trio.sleep", "anyio.sleep", "gevent.sleep"])
def test_libraries_give_way_in_their_own_ways(sleep: str, waits: str) -> None:
    """A future that a timer of 0 settles, a task put back into a queue: where nothing is ever new, it was for nothing."""
    here = scenes.scene(f"""
        import {sleep.rpartition(".")[0]}
        async def f(self):
            while not self.closed:
                await {sleep}(0)  # hot
    """)
    measured = scenes.facts(waits=waits, on_event_loop=True, variables={"self.closed": "constant"})
    assert scenes.judged(CAUSE, here, measured) >= 0.8
    assert scenes.judged(CAUSE, here, scenes.facts(waits="settled", on_event_loop=True)) == 0


def test_fresh_data_acquits_unless_the_loop_is_judged_a_spin() -> None:
    """New data at each look speaks of work; in a loop that is judged a spin it comes now and then."""
    here = scenes.scene(QUEUE)
    item = Variable(behaviour="changing", types=("dict",))
    assert scenes.judged(CAUSE, here, scenes.facts(waits="nothing", variables={"item": item})) == 0
    spin = scenes.facts(verdicts=frozenset({"spin"}), waits="nothing", variables={"item": item})
    assert 0.7 < scenes.judged(CAUSE, here, spin) < 0.9
    healthy = scenes.facts(verdicts=frozenset({"healthy"}), waits="nothing")
    assert scenes.judged(CAUSE, here, healthy) == 0


def test_a_queue_that_yields_now_and_then_is_polled_all_the_same() -> None:
    """New items do not acquit where the handler of the empty queue was seen, or where there was none at some looks."""
    here = scenes.scene(QUEUE)
    out = Variable(behaviour="changing", types=("list",))
    seen = scenes.facts(waits="nothing", raised=("QueueEmpty",), variables={"out": out})
    assert scenes.judged(CAUSE, here, seen) > 0.8
    item = Variable(behaviour="changing", types=("NoneType", "dict"))
    assert scenes.judged(CAUSE, here, scenes.facts(waits="nothing", variables={"item": item})) > 0.9


def test_a_thread_is_not_seen_to_suspend() -> None:
    """`time.sleep(0)` is none of the event loop's business: what the thread looks at decides."""
    here = scenes.scene(FAULTY["a thread"])
    measured = scenes.facts(verdicts=frozenset({"spin"}), waits="never", variables={"self.result": "empty"})
    assert scenes.judged(CAUSE, here, measured) > 0.7
