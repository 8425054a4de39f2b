"""Tests of what the check finds in tests of every make, and of what it lets pass: one run, with the usual plugins."""

import re
from pathlib import Path

import pytest
from checkrun import Run, check

FAULTY = {
    "test_task": r"diag: leaked 3 tasks forever, created by test_task\S* \(.*:\d+\), stands at forever",
    "test_sync_run": r"diag: leaked task forever, created by leak",
    "test_closed_by_hand": r"diag: leaked task forever",
    "test_uvloop": r"diag: leaked task forever",
    "test_loop_in_thread": r"diag: leaked task forever",
    "test_thread": r"diag: leaked thread .*stands at hold",
    "test_worker": r"diag: leaked executor worker held_0",
    "test_busy_worker": r"diag: leaked executor worker asyncio_0, stands at takes_long",
    "test_pipe": r"diag: leaked connection pipe \d+",
    "test_subprocess": r"diag: leaked subprocess sleep 30, created by test_subprocess",
    "test_server": r"diag: leaked server 127\.0\.0\.1:\d+",
    "test_connection": r"diag: leaked connection ",
    "test_generator": r"diag: leaked async generator numbers, stands at numbers",
    "test_unittest_leak": r"diag: leaked task forever",
    "test_anyio_leak[asyncio]": r"diag: leaked task forever",
    "test_anyio_leak[asyncio+uvloop]": r"diag: leaked task forever",
    "test_of_wide_loop": r"diag: leaked task forever",
    "test_served_by_wide_server": r"diag: leaked task forever, created by leak",
    "test_settled_future": r"diag: spin in waits_for_done \(test_checked.py:\d+-\d+\): [\d,]+ empty turns without a rest; .*HL005",
    "test_zero_sleep": r"diag: spin in test_zero_sleep",
    "test_frozen": r"diag: spin in test_frozen \(.*\): one turn of the event loop that does not end",
    "test_rescheduled": r"diag: spin in \S*again \(.*HL008",
    "test_polled": r"diag: spin in polls \(.*: one turn",
    "test_handed_round": r"diag: spin in passes",
    "test_dead_end": r"diag: spin in \S*gets_nothing \(.*: [\d,]+ turns for a descriptor that is at its end",
    "test_swallowed": r"diag: spin in swallows",
    "test_uvloop_spin": r"diag: spin in waits_for_done",
    "test_callback": r"diag: (spin|[\d,]+ empty turns)",
    "test_block": r"diag: blocked at test_block \(.*\): one turn of the event loop took [\d,]+ ms, 50 ms are allowed",
    "test_empty_turns": r"diag: [\d,]+ empty turns of the event loop, 100 are allowed",
    "test_turns_per_second": r"diag: [\d,]+ turns of the event loop a second, 100 are allowed",
    "test_tasks_created": r"diag: 1\d tasks created, 10 are allowed: .*pauses",
}

FINE = {
    "test_nothing",
    "test_closed_by_fixture",
    "test_default_executor",
    "test_pool_of_wider_scope",
    "test_waited_for_subprocess",
    "test_short_wait",
    "test_ignored",
    "test_unittest_fine",
    "test_anyio_fine[asyncio]",
    "test_anyio_fine[asyncio+uvloop]",
    "test_anyio_fine[trio]",
    "test_wide_fine",
    "test_wide_fine_again",
    "test_queue_of_many",
    "test_queue_of_the_same",
    "test_giving_way",
    "test_computing",
    "test_many_tasks",
    "test_many_tasks_in_a_while",
    "test_own_requests",
    "test_requests_of_a_handler",
}

TEXT = """
import pytest_asyncio, uvloop, anyio, aiohttp
from aiohttp import web
from concurrent.futures import ThreadPoolExecutor

def hold():
    time.sleep(20)

async def pauses():
    await asyncio.sleep(0)

async def numbers():
    yield 1
    yield 2

async def waits_for_done():
    done = asyncio.get_running_loop().create_future()
    done.set_result(b"")
    while True:
        await asyncio.wait({done})

async def at_end():
    return b""

async def test_task():
    kept.extend([asyncio.create_task(forever()) for _ in range(3)])

def test_sync_run():
    async def main():
        leak()
    asyncio.run(main())

def test_closed_by_hand():
    async def main():
        leak()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()

def test_uvloop():
    async def main():
        leak()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())

def test_loop_in_thread():
    async def main():
        leak()
    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join()

def test_thread():
    threading.Thread(target=hold, daemon=True).start()

def test_worker():
    kept.append(ThreadPoolExecutor(1, "held"))
    kept[-1].submit(time.sleep, 0)

def takes_long():
    time.sleep(3)

async def test_busy_worker():
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.to_thread(takes_long), 0.01)

@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(2, "wide") as found:
        yield found

async def test_pool_of_wider_scope(pool):
    await asyncio.get_running_loop().run_in_executor(pool, lambda: None)

async def test_pipe():
    read, write = os.pipe()
    kept.append(os.fdopen(write, "wb"))
    kept.append(await asyncio.get_running_loop().connect_read_pipe(asyncio.Protocol, os.fdopen(read, "rb")))

async def test_rescheduled():
    def again():
        asyncio.get_running_loop().call_soon(again)
    again()
    await asyncio.Event().wait()

async def polls(queue):
    while True:
        try:
            return queue.get_nowait()
        except asyncio.QueueEmpty:
            continue

async def test_polled():
    await polls(asyncio.Queue())

async def passes(inbox, outbox):
    while True:
        outbox.put_nowait(await inbox.get())

async def test_handed_round():
    one, other = asyncio.Queue(), asyncio.Queue()
    one.put_nowait("ball")
    await asyncio.gather(passes(one, other), passes(other, one))

async def test_dead_end():
    ours, theirs = socket.socketpair()
    theirs.close()
    def gets_nothing():
        ours.recv(100)
    asyncio.get_running_loop().add_reader(ours, gets_nothing)
    try:
        await asyncio.Event().wait()
    finally:
        asyncio.get_running_loop().remove_reader(ours)
        ours.close()

def test_subprocess():
    kept.append(subprocess.Popen(["sleep", "30"]))

async def test_server():
    kept.append(await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0))

async def test_connection():
    one, other = socket.socketpair()
    kept.append(other)
    kept.append(await asyncio.open_connection(sock=one))

async def test_generator():
    kept.append(numbers())
    async for _ in kept[-1]:
        break

class TestUnit(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.task = asyncio.create_task(forever())
    async def asyncTearDown(self):
        self.task.cancel()
    async def test_unittest_fine(self):
        await asyncio.sleep(0)
    async def test_unittest_leak(self):
        leak()

@pytest.fixture(params=["asyncio", "asyncio+uvloop", "trio"])
def anyio_backend(request):
    name, _, uv = request.param.partition("+")
    return name, {"use_uvloop": bool(uv)} if name == "asyncio" else {}

@pytest.mark.anyio
class TestAnyio:
    def test_needs_no_loop(self):
        pass
    async def test_anyio_fine(self):
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 0)
        await anyio.to_thread.run_sync(lambda: None)
    async def test_anyio_leak(self, anyio_backend_name):
        if anyio_backend_name == "asyncio":
            leak()

async def answer(request):
    return web.Response(text="x")

async def leaking(request):
    leak()
    return web.Response(text="x")

@contextlib.asynccontextmanager
async def served():
    app = web.Application()
    app.router.add_get("/", answer)
    app.router.add_get("/leaking", leaking)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{site.port}") as session:
        yield session
    await runner.cleanup()

async def ticks():
    while True:
        await asyncio.sleep(0.01)

@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def wide():
    task = asyncio.create_task(ticks())
    async with served() as session:
        yield session
    task.cancel()

@pytest.mark.asyncio(loop_scope="module")
class TestWide:
    async def test_wide_fine(self, wide):
        async with wide.get("/") as response:
            await response.text()
    async def test_of_wide_loop(self, wide):
        leak()
    async def test_served_by_wide_server(self, wide):
        async with wide.get("/leaking") as response:
            await response.text()
    async def test_wide_fine_again(self, wide):
        async with wide.get("/") as response:
            await response.text()

async def test_settled_future():
    kept.append(asyncio.create_task(waits_for_done()))
    await asyncio.sleep(60)

async def test_zero_sleep():
    while not kept == []:
        await asyncio.sleep(0)

async def test_frozen():
    while True:
        data = await at_end()
        for line in data.splitlines():
            if not line:
                break

async def swallows():
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)

async def test_swallowed():
    kept.append(asyncio.create_task(swallows()))
    await asyncio.sleep(0)

def test_uvloop_spin():
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(waits_for_done())

@pytest.mark.diag(max_empty_turns=1000, max_turns_per_second=1e9)
async def test_callback():
    loop = asyncio.get_running_loop()
    def again():
        loop.call_soon(again)
    again()
    for _ in range(2000):
        await asyncio.sleep(0)

@pytest.mark.diag(max_block="50ms")
async def test_block():
    time.sleep(0.2)

@pytest.mark.diag(max_empty_turns=100)
async def test_empty_turns():
    for _ in range(500):
        await asyncio.sleep(0)

@pytest.mark.diag(max_turns_per_second=100)
async def test_turns_per_second():
    for _ in range(2000):
        await asyncio.sleep(0)

@pytest.mark.diag(max_tasks_created=10)
async def test_tasks_created():
    await asyncio.gather(*(pauses() for _ in range(15)))

async def test_nothing():
    pass

@pytest_asyncio.fixture
async def closing():
    task = asyncio.create_task(forever())
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    yield
    task.cancel()
    server.close()

async def test_closed_by_fixture(closing):
    pass

async def test_default_executor():
    await asyncio.to_thread(time.sleep, 0.001)

async def test_waited_for_subprocess():
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()

async def test_short_wait():
    kept.append(asyncio.create_task(asyncio.sleep(0.1)))

@pytest.mark.diag(ignore=["forever"])
async def test_ignored():
    leak()

async def test_queue_of_many():
    queue = asyncio.Queue(10)
    async def produce():
        for _ in range(50_000):
            await queue.put(None)
    async def consume():
        for _ in range(50_000):
            await queue.get()
    await asyncio.gather(produce(), consume())

async def test_queue_of_the_same():
    queue = asyncio.Queue(1)
    async def consume():
        while True:
            await queue.get()
            queue.task_done()
    task = asyncio.create_task(consume())
    for _ in itertools.repeat(None, 20_000):
        await queue.put(None)
    await queue.join()
    task.cancel()

async def test_giving_way():
    for _ in range(20_000):
        await asyncio.sleep(0)

async def test_computing():
    number, until = 0, time.thread_time() + 1.0
    while time.thread_time() < until:
        number += 1

async def test_many_tasks():
    await asyncio.gather(*(pauses() for _ in range(30_000)))

async def test_many_tasks_in_a_while():
    tasks = []
    while len(tasks) < 30_000:
        tasks.append(asyncio.create_task(pauses()))
    await asyncio.gather(*tasks)

async def test_own_requests():
    async with served() as session:
        for _ in range(600):
            async with session.get("/") as response:
                await response.text()

async def test_requests_of_a_handler():
    async with served() as upstream:
        async def passing_on(reader, writer):
            while await reader.readline():
                async with upstream.get("/") as response:
                    await response.text()
                writer.write(b"x\\n")
            writer.close()
        async with await asyncio.start_server(passing_on, "127.0.0.1", 0) as server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for _ in range(500):
                writer.write(b"?\\n")
                await reader.readline()
            writer.close()
            await writer.wait_closed()
            await asyncio.sleep(0.01)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run all of them at once."""
    plugins = ("pytest_asyncio.plugin", "anyio.pytest_plugin")
    return check(
        tmp_path_factory.mktemp("checked"),
        TEXT,
        "--diag-check=error",
        "-Wignore",
        ini="diag_settle = 200ms",
        plugins=plugins,
    )


@pytest.mark.parametrize("name", FAULTY)
def test_what_is_wrong_fails_its_test_with_the_reason(run: Run, name: str) -> None:
    """JUnit counts it as a failure, and its message is the one line."""
    outcome = run.outcomes[name]
    assert outcome.kind == "failed", run.output[-3000:]
    assert re.match(FAULTY[name], outcome.message), outcome.message


@pytest.mark.parametrize("name", sorted(FINE))
def test_what_is_fine_passes(run: Run, name: str) -> None:
    """Work, however busy, and what goes away by itself."""
    assert run.outcomes[name].kind == "passed", run.outcomes[name].message


def test_the_run_is_counted_right(run: Run) -> None:
    """Failures and no errors, one test each; the summary says of what kind."""
    assert (run.counts["errors"], run.counts["failures"]) == (0, len(FAULTY))
    assert run.code == 1
    assert "diag: 1 test blocks, " in run.output


def test_the_catalogue_names_the_cause_of_a_spin(run: Run) -> None:
    """With the line at fault, the remedy and the source."""
    text = run.outcomes["test_settled_future"].text
    assert "HL005 settled-future-awaited test_checked.py:" in text
    assert ">" in text
    assert "await asyncio.wait({done})" in text


def test_everything_is_left_as_it_was_found(tmp_path: Path) -> None:
    """The classes that are wrapped for the checks, once the session is over."""
    (tmp_path / "conftest.py").write_text(
        "import asyncio, subprocess\n"
        "from asyncio import base_events, runners\n"
        "def parts():\n"
        "    loop = base_events.BaseEventLoop\n"
        "    return loop.run_forever, loop.close, runners._cancel_all_tasks, subprocess.Popen.__init__\n"
        "before = parts()\n"
        "def pytest_unconfigure(config):\n"
        "    config.add_cleanup(lambda: print('as before:', parts() == before))\n"
    )
    run = check(
        tmp_path,
        "async def test_one():\n    assert base() != 0\ndef base(): return 1",
        "--diag-check=error",
        "-s",
    )
    assert "as before: True" in run.output
