"""HL011: a call that holds up the event loop."""

import pytest
import scenes

from diag.causes.blocking_call import CAUSE
from diag.causes.cause import Facts, Scene

BLOCKED = scenes.facts(verdicts=frozenset({"blocked"}), on_event_loop=True, held=1.2, lines=frozenset({99}))

IMPORTS = """
import asyncio, bcrypt, concurrent.futures, csv, glob, gzip, hashlib, json, os, pickle, re, requests, shutil, socket
import select, sqlite3, subprocess, time, urllib.request, yaml, zlib
import numpy as np
import pandas as pd
from hashlib import scrypt as derive_key
from PIL import Image
from time import sleep as nap
from urllib.request import urlopen
"""


def coroutine(line: str, before: str = "pass") -> Scene:
    """Make a scene at a line of a coroutine."""
    return scenes.scene(f"""{IMPORTS}
class Server:
    async def handle(self, item, ws, db):
        {before}
        {line}  # hot
""")


def test_a_call_that_blocks() -> None:
    """The call, its line and what to use in its place are named."""
    here = coroutine("time.sleep(1)")
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (here.line, (here.line,))
    assert match.message == (
        f"`time.sleep` in line {here.line} blocks the event loop until it returns; "
        "`await asyncio.sleep(...)` gives way meanwhile."
    )
    assert scenes.judged(CAUSE, here, BLOCKED) == 0.95


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("nap(1)", "asyncio.sleep"),
        ("requests.get(item)", "aiohttp"),
        ("body = requests.Session().get(item).text", "aiohttp"),
        ("urlopen(item).read()", "aiohttp"),
        ("subprocess.run(['ls'], check=True)", "create_subprocess_exec"),
        ("out = subprocess.check_output(['ls']).decode()", "create_subprocess_exec"),
        ("os.system('ls')", "create_subprocess_exec"),
        ("socket.create_connection(item)", "asyncio.open_connection"),
        ("socket.gethostbyname(item)", "getaddrinfo"),
        ("hashlib.pbkdf2_hmac('sha256', item, b'salt', 1_000_000)", "to_thread"),
        ("derive_key(item, salt=b'', n=2**14, r=8, p=1)", "to_thread"),
        ("bcrypt.hashpw(item, bcrypt.gensalt())", "to_thread"),
        ("zlib.compress(item, 9)", "to_thread"),
        ("gzip.decompress(item)", "to_thread"),
        ("json.dumps(item)", "smaller pieces"),
        ("await ws.send(json.dumps(item))", "smaller pieces"),
        ("pickle.loads(item)", "smaller pieces"),
        ("yaml.safe_load(item)", "smaller pieces"),
        ("re.match(r'(a+)+$', item)", "backtrack"),
        ("sqlite3.connect('x').execute('select 1')", "asynchronous driver"),
        ("shutil.copytree(item, '/tmp/x')", "in a thread"),
        ("open(item).read()", "in a thread"),
        ("input('> ')", "in a thread"),
        ("frame = pd.read_csv(item)", "to_thread"),
        ("np.linalg.svd(item)", "to_thread"),
        ("Image.open(item).convert('RGB')", "to_thread"),
        ("concurrent.futures.wait(item)", "wrap_future"),
    ],
)
def test_what_is_known_by_its_full_name(line: str, advice: str) -> None:
    """Modules by their imports, under other names too; an `await` around it changes nothing."""
    here = coroutine(line)
    assert advice in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, BLOCKED) == 0.95


@pytest.mark.parametrize(
    ("before", "line", "advice"),
    [
        ("session = requests.Session()", "session.get(item)", "aiohttp"),
        ("conn = sqlite3.connect('x')", "conn.execute('select 1')", "asynchronous driver"),
        ("child = subprocess.Popen(['ls'])", "child.wait()", "create_subprocess_exec"),
        ("self.child = subprocess.Popen(['ls'])", "self.child.communicate()", "create_subprocess_exec"),
        ("sock = socket.create_connection(item)", "sock.recv(10)", "asyncio.open_connection"),
    ],
)
def test_a_method_of_what_such_a_call_gave(before: str, line: str, advice: str) -> None:
    """A name is followed to the call that it was assigned from."""
    here = coroutine(line, before)
    assert advice in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, BLOCKED) == 0.95


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("self.sock.recv(4096)", "sock_recv"),
        ("self.sock.connect(item)", "sock_connect"),
        ("self.lock.acquire()", "asyncio's own Lock"),
        ("self.ready_event.wait(5)", "asyncio's own Lock"),
        ("self.process.wait()", "create_subprocess_exec"),
        ("self.thread.join()", "waits for it in a thread"),
        ("self.thread.join(timeout=3)", "waits for it in a thread"),
        ("self.queue.get()", "asyncio.Queue"),
        ("self.queue.get(True, 5)", "asyncio.Queue"),
        ("self.pool.submit(work).result()", "wrap_future"),
        ("asyncio.run_coroutine_threadsafe(self.work(), self.loop).result()", "wrap_future"),
        ("db.execute('select 1').fetchall()", "asynchronous driver"),
        ("self.session.get(item)", "aiohttp"),
        ("self.path.read_text()", "aiofiles"),
        ("self.pwd_context.verify(item, self.hash)", "to_thread"),
        ("self.pattern.search(item)", "backtrack"),
    ],
)
def test_what_is_known_by_its_method(line: str, advice: str) -> None:
    """Where the object is not known, the method's name and what it is called on tell."""
    here = coroutine(line)
    assert advice in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, BLOCKED) == 0.85


def test_a_call_of_which_nothing_is_known() -> None:
    """It is named all the same."""
    here = coroutine("result = transform(item)")
    message = scenes.found(CAUSE, here).message
    assert message.startswith(f"`transform` in line {here.line} holds the event loop until it is done; ")
    assert scenes.judged(CAUSE, here, BLOCKED) == 0.7
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=frozenset({"blocked"}))) == 0


def test_a_loop_that_never_gives_way() -> None:
    """The outermost loop without an `await` is named, and not what it calls on the line seen."""
    here = scenes.scene("""
async def report(rows):
    await start()
    for row in rows:
        for cell in row:
            total += weigh(cell)  # hot
    await send(total)
""")
    message = scenes.found(CAUSE, here).message
    assert message.startswith("The loop in lines 3-5 of `report` holds the event loop until it is done; ")


def test_a_line_without_a_call() -> None:
    """A comprehension or a plain sum is named by its line."""
    here = coroutine("total = sum_of[0] ** item")
    assert scenes.found(CAUSE, here).message.startswith(
        f"Line {here.line} holds the event loop until it is done; "
    )


def test_a_loop_that_gives_way_is_not_blamed() -> None:
    """The call in it is."""
    here = scenes.scene("""
async def report(rows):
    while True:
        weigh(rows)  # hot
        await asyncio.sleep(1)
""")
    assert scenes.found(CAUSE, here).message.startswith("`weigh` in line 3 holds")


def test_the_line_of_the_coroutine_that_leads_there() -> None:
    """A blocking call in a plain function is traced to the coroutine that calls it."""
    here = scenes.scene(
        """
import time

def lookup(name):
    time.sleep(1)  # hot

def find(name):
    return lookup(name)

class Server:
    async def handle(self, name):
        return find(name)  # call
""",
        outer=["Server.handle"],
    )
    match = scenes.found(CAUSE, here)
    assert match.lines == (4, 11)
    assert (
        "`time.sleep` in line 4, to which line 11 in `Server.handle` leads, blocks the event loop"
        in match.message
    )


def test_a_method_of_the_users_own_is_no_driver() -> None:
    """Where `execute` was seen running in the user's code, what blocks is inside it."""
    here = scenes.scene(
        """
class Plan:
    def execute(self):
        return self.solve()

async def handle(plan):
    plan.execute()  # hot
""",
        inner=["Plan.execute"],
    )
    assert "asynchronous driver" not in scenes.found(CAUSE, here).message


@pytest.mark.parametrize(
    "line",
    [
        "await asyncio.sleep(1)",
        "await asyncio.to_thread(time.sleep, 1)",
        "await self.loop.run_in_executor(None, time.sleep, 1)",
        "await db.execute('select 1')",
        "await asyncio.wait_for(self.queue.get(), 5)",
        "asyncio.create_task(ws.recv())",
        "await asyncio.gather(self.session.get(item), self.session.get(item))",
    ],
)
def test_no_advice_on_what_does_not_block(line: str) -> None:
    """What is awaited, handed to a thread or made a task of is not taken for a blocking call."""
    match = CAUSE.find(coroutine(line))
    assert match is None or "until it returns" not in match.message


@pytest.mark.parametrize(
    "line",
    [
        "', '.join(item)",
        "os.path.join(item, 'x')",
        "self.headers.get('x')",
        "self.queue_by_name.get('x')",
        "self.items.split(',')",
        "self.registry.connect(item)",
        "self.tree.search(item)",
    ],
)
def test_calls_that_only_look_alike(line: str) -> None:
    """Strings, paths, dicts and signals share names with what blocks."""
    assert "until it returns" not in scenes.found(CAUSE, coroutine(line)).message


@pytest.mark.parametrize(
    "measured",
    [
        Facts(),
        scenes.facts(verdicts=frozenset({"spin"}), on_event_loop=True, held=3.0),
        scenes.facts(held=3.0),
        scenes.facts(on_event_loop=True, held=0.01),
        scenes.facts(on_event_loop=True),
    ],
)
def test_silent_where_nothing_was_held(measured: Facts) -> None:
    """A thread may block; a spin is another matter; what is short does not count."""
    assert scenes.judged(CAUSE, coroutine("time.sleep(1)"), measured) == 0


def test_a_hold_without_a_verdict() -> None:
    """Where no verdict is known, the hold decides."""
    assert (
        scenes.judged(CAUSE, coroutine("time.sleep(1)"), scenes.facts(on_event_loop=True, held=0.6)) == 0.95
    )
