"""HL005: a loop waits again for what is done already."""

import textwrap

import pytest
import scenes

from diag.causes.cause import Scene, Variable
from diag.causes.settled_future import CAUSE

FAULTY = {
    "the set is never made smaller": (
        "pending",
        """
        while len(finished) < 3:
            done, rest = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            finished |= done
        """,
    ),
    "one of two is not made anew": (
        "get",
        """
        while True:
            done, _ = await asyncio.wait({get, put}, return_when=asyncio.FIRST_COMPLETED)
            if put in done:
                put = asyncio.create_task(outgoing.get())
        """,
    ),
    "made anew only where something came": (
        "read",
        """
        while True:
            done, _ = await asyncio.wait([read, stopping])
            if stopping in done:
                return
            line = read.result()
            if line:
                read = asyncio.create_task(content.readline())
        """,
    ),
    "a union of sets": (
        "self.readers",
        """
        while self.running:
            done, _ = await asyncio.wait(self.readers | {self.wakeup})
            for task in done:
                await self.take(task)
        """,
    ),
    "a finished task": (
        "task",
        """
        while True:
            result = await task
            handle(result)
        """,
    ),
    "a shielded task with a timeout": (
        "self._task",
        """
        while True:
            try:
                await asyncio.wait_for(asyncio.shield(self._task), 5)
            except asyncio.TimeoutError:
                self.ping()
        """,
    ),
    "an event that nobody clears": (
        "event",
        """
        while True:
            await event.wait()
            self.refresh()
        """,
    ),
    "an event of a thread with a timeout": (
        "self.wakeup",
        """
        while not self.closed:
            self.wakeup.wait(10)
            self.flush()
        """,
    ),
    "a gather of what is done": (
        "tasks",
        """
        while True:
            await asyncio.gather(*tasks, return_exceptions=True)
        """,
    ),
    "futures of threads": (
        "futures",
        """
        while True:
            done, not_done = concurrent.futures.wait(futures, return_when=FIRST_COMPLETED)
            for future in done:
                handle(future.result())
        """,
    ),
    "the function by its own name": (
        "tasks",
        """
        while tasks:
            done, _ = await wait(tasks, timeout=1)
            for task in done:
                print(task.result())
        """,
    ),
    "the result of a future": (
        "future",
        """
        while True:
            value = future.result()
            self.put(value)
        """,
    ),
}

SILENT = {
    "the rest is what is waited for": """
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            handle(done)
    """,
    "the rest is kept later": """
        while tasks:
            done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            handle(done)
            tasks = list(rest)
    """,
    "the done are taken away": """
        while tasks:
            done, _ = await asyncio.wait(tasks)
            tasks -= done
    """,
    "each is taken out": """
        while tasks:
            done, _ = await asyncio.wait(tasks)
            for task in done:
                tasks.remove(task)
                handle(task)
    """,
    "each is deleted": """
        while jobs:
            done, _ = await asyncio.wait(jobs)
            for task in done:
                del jobs[task]
    """,
    "made anew where it is dispatched": """
        while True:
            done, _ = await asyncio.wait({read, stopping})
            if stopping in done:
                return
            if read in done:
                handle(read.result())
                read = asyncio.create_task(content.readline())
    """,
    "made anew at its turn in the set": """
        while True:
            done, _ = await asyncio.wait({read, stopping})
            for future in done:
                if future is stopping:
                    return
                if future is read:
                    handle(future)
                    read = asyncio.create_task(content.readline())
            if stopping.done():
                break
    """,
    "made anew unless it ends": """
        while True:
            done, _ = await asyncio.wait({read, stopping})
            if stopping in done:
                return
            if not (line := read.result()):
                return
            handle(line)
            read = asyncio.create_task(content.readline())
    """,
    "made in the call": """
        while True:
            await asyncio.wait([asyncio.create_task(queue.get()), asyncio.create_task(stop.wait())])
    """,
    "a future for each turn": """
        while True:
            waiter = loop.create_future()
            self.waiters.append(waiter)
            await waiter
    """,
    "an event that is cleared": """
        while True:
            await event.wait()
            event.clear()
            self.refresh()
    """,
    "an event that ends the loop": """
        while True:
            if stop.wait(1):
                break
            self.refresh()
    """,
    "an event in the head": """
        while not stop.wait(1):
            self.refresh()
    """,
    "an event made anew": """
        while True:
            await self.changed.wait()
            self.changed = asyncio.Event()
    """,
    "a condition": """
        while not self.items:
            self.condition.wait(1)
    """,
    "a condition by another name": """
        while not self.items:
            with self.not_empty:
                self.not_empty.wait()
    """,
    "a process": """
        while True:
            process.wait()
            self.report()
    """,
    "a loop until it is done": """
        while not task.done():
            await asyncio.wait([task], timeout=1)
            print(".")
    """,
    "made where it is waited for": """
        while data:
            plain = self.inflate(data)
            if plain:
                written = self.sink(plain)
                await written
            data = self.rest
    """,
    "a coroutine": """
        while True:
            await self.step()
            await asyncio.sleep(1)
    """,
}


def within(body: str) -> Scene:
    """Make a scene of a coroutine with a body, at its loop."""
    lines = textwrap.dedent(body).strip("\n").splitlines()
    lines[0] += "  # hot"
    head = "import asyncio, concurrent.futures\nfrom asyncio import wait\n\nasync def run(self, *given):\n"
    return scenes.scene(head + textwrap.indent("\n".join(lines), "    ") + "\n")


@pytest.mark.parametrize(("name", "body"), FAULTY.values(), ids=FAULTY)
def test_a_wait_for_what_is_done(name: str, body: str) -> None:
    """It is found in the source, names what is waited for, and holds best where that is seen to be done."""
    here = within(body)
    match = scenes.found(CAUSE, here)
    assert name in match.names
    assert f"`{name}`" in match.message
    assert here.line in match.lines
    assert scenes.judged(CAUSE, here, scenes.facts(settled=(name,))) == 0.95


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_look_alikes_are_silent(body: str) -> None:
    """What is taken out, made anew, cleared, or ends the loop is waited for rightly."""
    assert CAUSE.find(within(body)) is None


def test_lines_are_named() -> None:
    """The wait and the loop."""
    match = scenes.found(CAUSE, within(FAULTY["the set is never made smaller"][1]))
    assert (match.line, match.lines) == (6, (5, 6))
    assert match.message == (
        "`asyncio.wait(...)` in line 6 no longer waits once `pending` is done, and the `while` of line 5 waits for the same "
        "again on each turn"
    )


def test_what_was_measured_decides() -> None:
    """A wait that is over at once supports it, one for I/O or a timeout does not, moved payload refutes it."""
    here = within(FAULTY["the set is never made smaller"][1])
    hot = frozenset({here.line})
    weights = {
        kind: scenes.judged(CAUSE, here, scenes.facts(waits=kind, lines=hot))
        for kind in ("settled", "never", "io", "timeout")
    }
    assert weights == {"settled": 0.85, "never": 0.5, "io": 0.0, "timeout": 0.0}
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io", raised=("asyncio.CancelledError",))) == 0.6
    assert scenes.judged(CAUSE, here, scenes.facts(settled=("pending",), bytes_per_second=1e8)) == 0.0


def test_an_event_that_stays_set() -> None:
    """Its own flag tells, in asyncio and in threading."""
    here = within(FAULTY["an event that nobody clears"][1])
    on = Variable(behaviour="constant", types=("bool",), text="True")
    off = Variable(behaviour="constant", types=("bool",), text="False")
    for flag in ("_value", "_flag"):
        assert scenes.judged(CAUSE, here, scenes.facts(waits="io", variables={f"event.{flag}": on})) == 0.95
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io", variables={"event._value": off})) == 0.0
