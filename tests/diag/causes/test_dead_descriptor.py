"""HL012: a descriptor at its end stays registered with a select."""

import pytest
import scenes

from diag.causes.cause import Facts, Scene, Variable
from diag.causes.dead_descriptor import CAUSE

EMPTY = Variable(behaviour="empty", types=("bytes",))

THREAD = scenes.facts(
    verdicts=frozenset({"spin"}), waits="io", called=("select", "poll"), bytes_per_second=0.0
)


def loop(body: str, before: str = "pass") -> Scene:
    """Make a scene of a loop in a function of a thread."""
    inside = "\n".join(f"        {line}" for line in body.splitlines())
    return scenes.scene(f"""
import os, select, sys

def run(self, sel, poller, socks, sock, fds):
    {before}
    while self.running:
        self.turn()  # hot
{inside}
""")


def callback(
    body: str, register: str = "self.loop.add_reader(self.fd, self.on_ready)", more: str = ""
) -> Scene:
    """Make a scene of a function that is called when a descriptor is ready."""
    inside = "\n".join(f"        {line}" for line in body.splitlines())
    return scenes.scene(f"""
import functools, os

class Watch:
    def start(self):
        {register}

    def on_ready(self, *_):
        self.count += 1  # hot
{inside}
{more}
""")


def test_an_empty_read_that_is_passed_over() -> None:
    """The select, the read and the loop are named."""
    here = loop("""ready, _, _ = select.select([sys.stdin], [], [], 1.0)
for stream in ready:
    line = stream.readline()
    self.handle(line)""")
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines) == (7, (5, 7, 9))
    assert match.message == (
        "`select` in line 7 comes back at once, again and again: line 9 gets nothing from a descriptor at its end, "
        "and nothing in lines 5-10 takes it out for that."
    )
    assert scenes.judged(CAUSE, here, THREAD) == 0.85
    seen = scenes.facts(waits="io", variables={"line": EMPTY})
    assert scenes.judged(CAUSE, here, seen) == 0.95
    sampled = scenes.facts(waits="never", lines=frozenset({7, 9}), variables={"line": EMPTY})
    assert scenes.judged(CAUSE, here, sampled) == 0.9


@pytest.mark.parametrize(
    "body",
    [
        "for key, events in sel.select():\n    data = key.fileobj.recv(4096)\n    if data:\n        self.handle(data)",
        "for key, events in sel.select(timeout=1):\n    data = key.fileobj.recv(4096)\n    if not data:\n        continue",
        "for fd, event in poller.poll(1000):\n    self.buffer += os.read(fd, 4096)",
        "for fd, event in epoll.poll():\n    os.read(fd, 4096)",
        "for fd, event in self.ep.poll():\n    os.read(fd, 4096)",
        "for event in kq.control([], 8, None):\n    data = os.read(event.ident, 4096)\n    self.handle(data)",
        "select.select([sock], [], [])\nself.parse(sock.recv(100))",
        "events = poller.poll()\nfor fd, event in events:\n    if event & select.POLLIN:\n        self.read_from(fd)",
        "for fd, event in poller.poll():\n    if event == select.EPOLLIN:\n        self.handlers[fd]()",
        "r, w, x = select.select(socks, socks, [], 1)\nfor s in r:\n    if not s.recv(9):\n        s.close()",
        "r, w, x = select.select([], [sock], [], 1)\nself.flush(w)",
        "for key, events in sel.select():\n    key.data(key.fileobj)",
    ],
)
def test_every_loop_around_a_select(body: str) -> None:
    """Selectors, poll, epoll, kqueue; bits not looked at, always room to write, handlers elsewhere."""
    here = loop(body)
    assert "comes back at once, again and again" in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, THREAD) >= 0.7


def test_a_round_whose_loop_is_in_the_caller() -> None:
    """A function that waits once, as those of asyncore, is a round of a loop elsewhere."""
    text = """
def poll(timeout, channels):
    r = [fd for fd, one in channels.items() if one.readable()]
    w = [fd for fd, one in channels.items() if one.writable()]
    r, w, x = select.select(r, w, [], timeout)
    for fd in w:
        channels[fd].handle_write()  # hot

def loop(channels):
    while channels:
        poll(30.0, channels)
"""
    here = scenes.scene(text)
    match = scenes.found(CAUSE, here)
    assert match.line == 4
    assert "nothing in lines 1-6 takes it out" in match.message
    assert scenes.judged(CAUSE, here, THREAD) == 0.75
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io", bytes_per_second=2e6)) == 0


def test_a_task_that_waits_for_a_descriptor() -> None:
    """Trio and anyio wait for one in a task of an event loop."""
    here = loop("await trio.lowlevel.wait_readable(sock)\ndata = sock.recv(100)\nself.handle(data)")
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io", on_event_loop=True)) == 0.85


@pytest.mark.parametrize(
    "body",
    [
        "data = os.read(self.fd, 4096)\nself.handle(data)",
        "data = self.sock.recv(4096)\nif not data:\n    return\nself.handle(data)",
        "try:\n    data = self.sock.recv(4096)\nexcept BlockingIOError:\n    return\nself.handle(data)",
        "self.handle(self.sock.recv(4096))",
        "self.event.set()",
        "pass",
    ],
)
def test_a_reader_that_is_called_for_ever(body: str) -> None:
    """An empty read that is only returned from, or none at all, leaves the descriptor ready."""
    here = callback(body)
    message = scenes.found(CAUSE, here).message
    assert message.startswith(
        "`add_reader` in line 5 has `Watch.on_ready` called whenever the descriptor is ready, and "
    )
    queued = scenes.facts(callbacks=("Watch.on_ready",), on_event_loop=True, bytes_per_second=0.0)
    assert scenes.judged(CAUSE, here, queued) == 0.9


@pytest.mark.parametrize(
    "register",
    [
        "loop.add_reader(fd, functools.partial(self.on_ready, fd))",
        "loop.add_reader(fd, lambda: self.on_ready())",
        "self.io_loop.add_handler(fd, self.on_ready, READ)",
        "sel.register(fd, selectors.EVENT_READ, self.on_ready)",
        "sel.register(fd, selectors.EVENT_READ, data=self.on_ready)",
        "GLib.io_add_watch(fd, GLib.IO_IN, self.on_ready)",
    ],
)
def test_every_way_to_register(register: str) -> None:
    """asyncio, Tornado, selectors, GLib; bound, in a partial, in a lambda."""
    assert scenes.found(CAUSE, callback("os.read(self.fd, 10)", register)).lines == (5, 9)


def test_a_writer_that_is_never_taken_out() -> None:
    """A socket has nearly always room to write."""
    here = callback("self.flush()", "self.loop.add_writer(self.fd, self.on_ready)")
    assert "nothing in it ends that once there is nothing to write" in scenes.found(CAUSE, here).message
    ends = "if not self.buffer:\n    self.loop.remove_writer(self.fd)"
    assert CAUSE.find(callback(ends, "self.loop.add_writer(self.fd, self.on_ready)")) is None


def test_a_callback_on_the_event_loop_without_its_queue() -> None:
    """Where the ready queue cannot be read, an empty read must be seen."""
    here = callback("data = os.read(self.fd, 4096)\nself.handle(data)")
    assert scenes.judged(CAUSE, here, scenes.facts(on_event_loop=True, variables={"data": EMPTY})) == 0.85
    hot = scenes.facts(on_event_loop=True, waits="nothing", bytes_per_second=0.0)
    assert scenes.judged(CAUSE, here, hot) == 0.6
    still = scenes.facts(on_event_loop=True, waits="io", variables={"self.count": "constant"})
    assert scenes.judged(CAUSE, here, still) == 0.6
    counting = scenes.facts(on_event_loop=True, waits="io", variables={"self.count": "counting"})
    assert scenes.judged(CAUSE, here, counting) < 0.5
    assert scenes.judged(CAUSE, here, scenes.facts(on_event_loop=True)) < 0.5
    assert scenes.judged(CAUSE, here, Facts()) == 0


@pytest.mark.parametrize(
    "body",
    [
        "for key, _ in sel.select():\n    data = key.fileobj.recv(9)\n    if not data:\n        sel.unregister(key.fileobj)",
        "for key, _ in sel.select():\n    if data := key.fileobj.recv(9):\n        pass\n    else:\n        key.fileobj.close()",
        "r, _, _ = select.select([sock], [], [])\ndata = sock.recv(9)\nif data == b'':\n    break",
        "r, _, _ = select.select([sock], [], [])\ndata = sock.recv(9)\nif len(data) == 0:\n    raise EOFError",
        "r, _, _ = select.select(socks, [], [])\nfor s in r:\n    if not s.recv(9):\n        socks.remove(s)",
        "r, _, _ = select.select(socks, [], [])\nfor s in r:\n    if not s.recv(9):\n        del self.clients[s]",
        "r, _, _ = select.select([sock], [], [])\ndata = sock.recv(9)\nif not data:\n    self.running = False",
        "for fd, event in poller.poll():\n    if event & (select.POLLHUP | select.POLLERR):\n        poller.unregister(fd)",
        "select.select([sock], [], [], 0)",
        "poller.poll(0)",
        "self.child.poll()",
        "rows = table.select('name')",
        "console.control(9)",
        "data = sock.recv(9)\nself.handle(data)",
        "await self.loop.sock_recv(sock, 9)",
    ],
)
def test_silent_where_it_is_taken_out_or_nothing_is_selected(body: str) -> None:
    """Ends that are handled, selects that ask to come back, and calls that only look alike."""
    assert CAUSE.find(loop(body)) is None


@pytest.mark.parametrize(
    "body",
    [
        "data = os.read(self.fd, 4096)\nif not data:\n    self.loop.remove_reader(self.fd)",
        "data = os.read(self.fd, 4096)\nif not data:\n    self.close()",
        "try:\n    data = os.read(self.fd, 9)\nexcept OSError:\n    data = b''\nif data:\n    self.feed(data)\nelse:\n    self.stop()",
    ],
)
def test_silent_at_a_reader_that_ends(body: str) -> None:
    """A callback that takes its descriptor out."""
    assert CAUSE.find(callback(body)) is None


def test_silent_at_a_reader_whose_helper_ends() -> None:
    """What it calls in its class is looked through as well."""
    more = "    def feed(self):\n        data = os.read(self.fd, 9)\n        if not data:\n            self.close()\n"
    assert CAUSE.find(callback("self.feed()", more=more)) is None


@pytest.mark.parametrize(
    "body", ["self.client.loop_read()", "self.consumer.poll(0)", "self.monitor.process_events()"]
)
def test_silent_where_a_library_may_read(body: str) -> None:
    """A callback that hands on to what may read."""
    assert CAUSE.find(callback(body)) is None


def test_a_callback_of_a_loop_over_a_selector() -> None:
    """On no event loop, an empty read tells."""
    here = callback("data = os.read(self.fd, 9)", "sel.register(fd, selectors.EVENT_READ, self.on_ready)")
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io", variables={"data": EMPTY})) == 0.85
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io")) == 0


def test_silent_at_a_function_that_is_not_registered() -> None:
    """A read in a plain function is another cause's business."""
    assert CAUSE.find(callback("os.read(self.fd, 9)", "self.loop.call_soon(self.on_ready)")) is None


def test_silent_at_the_event_loop_itself() -> None:
    """What is at fault was registered with it by others."""
    text = "def run_once(self):\n    while True:\n        for key, events in self.selector.select():  # hot\n            key.data()\n"
    for file in ("/usr/lib/python3.11/asyncio/base_events.py", "/x/site-packages/tornado/ioloop.py"):
        assert CAUSE.find(scenes.scene(text, file=file)) is None


@pytest.mark.parametrize(
    "contradiction",
    [
        {"bytes_per_second": 3e6},
        {"waits": "settled"},
        {"waits": "timeout"},
        {"waits": "nothing"},
        {"waits": "never", "called": ()},
        {"variables": {"line": Variable(behaviour="changing", types=("str",))}},
        {"variables": {"line": Variable(behaviour="constant", types=("str",), text="x")}},
        {"variables": {"wait": Variable(behaviour="constant", types=("int",), text="0")}},
        {"on_event_loop": True, "called": ("readline",)},
    ],
)
def test_silent_where_the_facts_contradict(contradiction: dict[str, object]) -> None:
    """Payload that is moved, another wait, lines that come, a timeout of nothing, a select that is the event loop's."""
    here = loop(
        "for s in select.select(fds, [], [], wait)[0]:\n    line = s.readline()\n    self.handle(line)"
    )
    measured: dict[str, object] = {"waits": "io", "called": ("select",), "bytes_per_second": 0.0}
    assert scenes.judged(CAUSE, here, scenes.facts(**measured)) > 0.8  # type: ignore[arg-type] # fields
    assert scenes.judged(CAUSE, here, scenes.facts(**measured | contradiction)) == 0  # type: ignore[arg-type] # fields


def test_silent_where_another_callback_is_queued() -> None:
    """The one that is ready at every look is at fault, and no other."""
    here = callback("os.read(self.fd, 9)")
    assert scenes.judged(CAUSE, here, scenes.facts(callbacks=("Server.accept",), on_event_loop=True)) == 0
