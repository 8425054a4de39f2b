"""HL004: a loop that asks again and again for what it could wait for."""

import pytest
import scenes

from diag.causes.catalogue import search
from diag.causes.cause import Variable
from diag.causes.polling_without_waiting import CAUSE

FAULTY = {
    "a flag": """
        def waiter(job):
            while not job.finished:
                pass  # hot
    """,
    "a global": """
        def waiter():
            while running:
                continue  # hot
    """,
    "a flag copied to a local": """
        def waiter(self):
            while True:
                state = self.state  # hot
                if state == "ready":
                    return
    """,
    "an event of a thread": """
        def waiter(event):
            while not event.is_set():
                pass  # hot
    """,
    "counting its turns": """
        def waiter(event):
            spins = 0
            while not event.is_set():
                spins += 1  # hot
    """,
    "a future": """
        def waiter(future):
            while not future.done():
                pass  # hot
            return future.result()
    """,
    "a thread": """
        def waiter(thread):
            while thread.is_alive():
                pass  # hot
    """,
    "a process": """
        def waiter(process):
            while process.poll() is None:
                pass  # hot
    """,
    "a process, with walrus": """
        def waiter(process):
            while (code := process.poll()) is None:
                pass  # hot
            return code
    """,
    "a file": """
        def waiter(path):
            while not os.path.exists(path):
                pass  # hot
    """,
    "the clock": """
        def pause(seconds):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pass  # hot
    """,
    "a state machine's question": """
        def waiter(self):
            while not self.is_connected():
                if self.failed:
                    raise RuntimeError
                log.debug("not yet")  # hot
    """,
    "nothing at all": """
        def main():
            start()
            while True:
                pass  # hot
    """,
    "a queue": """
        async def consume(q, out):
            while True:
                try:
                    item = q.get_nowait()  # hot
                except asyncio.QueueEmpty:
                    continue
                out.append(item)
    """,
    "a queue, by pass": """
        def consume(q):
            while True:
                try:
                    handle(q.get(block=False))  # hot
                except Empty:
                    pass
    """,
    "a queue, suppressed": """
        def consume(q):
            while True:
                with suppress(queue.Empty):
                    handle(q.get_nowait())  # hot
    """,
    "a queue, by position": """
        def consume(q):
            while True:
                try:
                    item = q.get(False)  # hot
                except queue.Empty:
                    continue
                handle(item)
    """,
    "a queue, by timeout": """
        def consume(self):
            while self.running:
                try:
                    item = self.q.get(timeout=0)  # hot
                except queue.Empty:
                    item = None
                if item:
                    handle(item)
    """,
    "is it empty": """
        def consume(self):
            while not self.stopped:
                if self.queue.empty():  # hot
                    continue
                handle(self.queue.get())
    """,
    "is it not empty": """
        def consume(self):
            while True:
                if not self.queue.empty():  # hot
                    handle(self.queue.get())
    """,
    "drains, then comes again": """
        def consume(self):
            while True:
                while not self.queue.empty():
                    handle(self.queue.get())
                self.tick()  # hot
    """,
    "a deque": """
        def consume(self):
            while True:
                try:
                    item = self.items.popleft()  # hot
                except IndexError:
                    continue
                handle(item)
    """,
    "a lock": """
        def take(lock):
            while not lock.acquire(blocking=False):
                pass  # hot
    """,
    "select": """
        def serve(sock):
            while True:
                readable, _, _ = select.select([sock], [], [], 0)
                if readable:  # hot
                    handle(sock.recv(4096))
    """,
    "a selector": """
        def serve(self):
            while self.running:  # hot
                for key, mask in self.selector.select(timeout=0):
                    key.data(mask)
    """,
    "poll(0)": """
        def consume(consumer):
            while True:
                message = consumer.poll(timeout_ms=0)  # hot
                if message is None:
                    continue
                handle(message)
    """,
    "a socket that does not block": """
        def read(sock):
            sock.setblocking(False)
            while True:
                try:
                    data = sock.recv(4096)  # hot
                except BlockingIOError:
                    continue
                if not data:
                    break
                handle(data)
    """,
    "zmq": """
        def read(socket):
            while True:
                try:
                    handle(socket.recv(zmq.NOBLOCK))  # hot
                except zmq.Again:
                    pass
    """,
    "redis pubsub": """
        def listen(pubsub):
            while True:
                message = pubsub.get_message(ignore_subscribe_messages=True)  # hot
                if message and message["type"] == "message":
                    handle(message)
    """,
    "a serial port": """
        def read(port):
            while True:
                if port.in_waiting > 0:  # hot
                    handle(port.readline())
    """,
    "a memory channel": """
        def read(receiver):
            while True:
                try:
                    item = receiver.receive_nowait()  # hot
                except anyio.WouldBlock:
                    continue
                handle(item)
    """,
    "a child": """
        def reap(pid):
            while True:
                pid, status = os.waitpid(pid, os.WNOHANG)  # hot
                if pid:
                    return status
    """,
    "a child of subprocess": """
        def step(command):
            process = subprocess.Popen(command)
            while process.poll() is None:
                pass  # hot
            return process.returncode
    """,
    "a queue of multiprocessing": """
        def crawl(addresses, pages):
            while True:
                try:
                    address = addresses.get(block=False)  # hot
                except queue.Empty:
                    continue
                pages.put(address)
    """,
    "a timeout of 0": """
        def crawl(addresses):
            while True:
                try:
                    handle(addresses.get(timeout=0))  # hot
                except queue.Empty:
                    pass
    """,
    "several queues": """
        def consume(a, b):
            while True:  # hot
                for q in (a, b):
                    try:
                        item = q.get_nowait()
                    except Empty:
                        continue
                    handle(item)
    """,
}

SILENT = {
    "sleeps between two looks": """
        def waiter(job):
            while not job.finished:
                time.sleep(0.05)  # hot
    """,
    "sleeps where nothing is there": """
        def consume(q):
            while True:
                try:
                    item = q.get_nowait()
                except Empty:
                    time.sleep(0.1)
                    continue
                handle(item)  # hot
    """,
    "sleeps in the else": """
        def listen(pubsub):
            while True:
                message = pubsub.get_message()
                if message:
                    handle(message)  # hot
                else:
                    time.sleep(0.01)
    """,
    "sleeps unless there is something": """
        def consume(self):
            while True:
                if self.queue.qsize() == 0:
                    time.sleep(0.1)
                else:
                    handle(self.queue.get())  # hot
    """,
    "drains": """
        def drain(q):
            while not q.empty():
                handle(q.get_nowait())  # hot
    """,
    "drains until it raises": """
        def drain(q):
            while True:
                try:
                    handle(q.get_nowait())  # hot
                except Empty:
                    break
    """,
    "waits for one, then takes the rest": """
        async def batches(q):
            while True:
                batch = [await q.get()]  # hot
                while True:
                    try:
                        batch.append(q.get_nowait())
                    except asyncio.QueueEmpty:
                        break
                await send(batch)
    """,
    "waits with a timeout": """
        def consume(q, stop):
            while not stop.is_set():
                try:
                    item = q.get(timeout=1)  # hot
                except Empty:
                    continue
                handle(item)
    """,
    "select with a timeout": """
        def serve(self):
            while not self.stopped:
                events = self.selector.select(timeout=0.5)  # hot
                for key, mask in events:
                    key.data(mask)
    """,
    "poll with a timeout": """
        def consume(consumer):
            while True:
                message = consumer.poll(1.0)  # hot
                if message is None:
                    continue
                handle(message)
    """,
    "a poller that waits": """
        def serve(poller):
            while True:
                ready = poller.poll()  # hot
                for fd, event in ready:
                    handle(fd)
    """,
    "a loop that can be stopped": """
        async def run(self):
            while not self.stop.is_set():
                await self.step()  # hot
    """,
    "a computation with a flag": """
        def burn(stop):
            total = 0
            while not stop.is_set():
                total = total * 31 + 7  # hot
    """,
    "a list that is followed": """
        def root(node):
            while node.parent is not None:
                node = node.parent  # hot
    """,
    "a scanner": """
        def skip(text, i):
            while text[i] == " ":
                i += 1  # hot
            return i
    """,
    "a scanner with a break": """
        def find(text):
            i = 0
            while True:
                c = text[i]
                i += 1
                if c == '"':
                    break  # hot
            return i
    """,
    "bisection": """
        def find(a, x, lo, hi):
            while lo < hi:
                mid = (lo + hi) // 2
                if a[mid] < x:
                    lo = mid + 1  # hot
                else:
                    hi = mid
    """,
    "a generator": """
        def forever(value):
            while True:
                yield value  # hot
    """,
    "a parser": """
        def parse(self):
            while self.has_more():
                self.advance()  # hot
    """,
    "an iterator": """
        def collect(it):
            while True:
                try:
                    handle(next(it))  # hot
                except StopIteration:
                    return
    """,
    "a for": """
        def poll(q):
            for _ in range(100):
                try:
                    return q.get_nowait()  # hot
                except Empty:
                    pass
    """,
    "a stack": """
        def walk(stack):
            while stack:
                node = stack.pop()
                stack.extend(node.children)  # hot
    """,
    "numpy": """
        def fill(self):
            while self.more:
                block = numpy.empty(4096)
                self.read(block)  # hot
    """,
    "dict.get": """
        def climb(parents, key):
            while key:
                key = parents.get(key)  # hot
    """,
    "waits in a method": """
        class Worker:
            def idle(self):
                self.wakeup.wait(5)
            def run(self):
                while True:
                    try:
                        job = self.jobs.get_nowait()  # hot
                    except Empty:
                        self.idle()
                        continue
                    job()
    """,
    "empties a pool; the end is caught outside": """
        def close(pool):
            try:
                while True:
                    pool.get(block=False).close()  # hot
            except Empty:
                pass
    """,
    "a dict that has 0 for a key": """
        def run(self):
            while self.step():
                self.children = self.watchers.get(0, [])  # hot
    """,
    "a state machine": """
        def decode(self):
            state = START
            while state is not STOP:
                if state is START:
                    state = BODY  # hot
                elif state is BODY:
                    state = STOP
    """,
    "an inner loop that may not run": """
        def meet(u, v, parent, order):
            while u != v:  # hot
                while order[u] < order[v]:
                    u = parent[u]
                while order[u] > order[v]:
                    v = parent[v]
    """,
    "a computed busy wait that ends": """
        def count(n):
            while n > 0:
                n -= 1  # hot
    """,
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_polling_without_a_wait_is_found(text: str) -> None:
    """The pattern is found, and holds in a loop that never suspends."""
    here = scenes.scene(text)
    measured = scenes.facts(verdicts=frozenset({"spin"}), waits="never", variables={"self": "constant"})
    assert scenes.judged(CAUSE, here, measured) >= 0.9


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_look_alikes_stay_silent(text: str) -> None:
    """No match where the idle way waits, where the loop works, or where it has an end of its own."""
    assert CAUSE.find(scenes.scene(text)) is None


def test_the_messages_name_what_is_asked() -> None:
    """The question stands with its line."""
    flag = scenes.found(CAUSE, scenes.scene(FAULTY["a flag"]))
    assert (flag.line, flag.lines) == (2, (2,))
    assert flag.message == (
        "The loop of lines 2-3 tests `not job.finished` in line 2 again and again, and does not wait for it."
    )
    queue = scenes.found(CAUSE, scenes.scene(FAULTY["a queue"]))
    assert (queue.line, queue.lines) == (4, (2, 4))
    assert queue.message == (
        "The loop of lines 2-7 asks `q.get_nowait()` in line 4 again and again, and does not wait where nothing is there."
    )
    assert "does nothing" in scenes.found(CAUSE, scenes.scene(FAULTY["nothing at all"])).message


def test_a_zero_sleep_is_another_cause() -> None:
    """With `sleep(0)` on the way, the pause that is none is what to say."""
    here = scenes.scene("""
        async def f(event):
            while not event.is_set():
                await asyncio.sleep(0)  # hot
    """)
    assert CAUSE.find(here) is None


def test_an_await_that_may_wait_needs_the_measured_wait() -> None:
    """What else is awaited on the idle way may wait; only where it was seen not to, the poll is at fault."""
    here = scenes.scene("""
        async def f(self):
            while True:
                try:
                    self.handle(self.q.get_nowait())
                except asyncio.QueueEmpty:
                    pass
                await self.flush()  # hot
    """)
    spin = frozenset({"spin"})
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=spin)) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=spin, waits="io")) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=spin, waits="never")) >= 0.9


def test_facts_decide() -> None:
    """An exception that tells of no data supports; fresh data, other waits and other verdicts contradict."""
    here = scenes.scene(FAULTY["a queue"])
    assert scenes.judged(CAUSE, here, scenes.facts(raised=("asyncio.queues.QueueEmpty",))) > 0.9
    assert scenes.judged(CAUSE, here, scenes.facts(variables={"item": "constant"})) > 0.8
    item = Variable(behaviour="changing", types=("dict",))
    assert scenes.judged(CAUSE, here, scenes.facts(waits="never", variables={"item": item})) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(waits="never", bytes_per_second=5e6)) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(waits="timeout")) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=frozenset({"leak"}), waits="never")) == 0


def test_an_empty_queue_is_no_io_and_no_end() -> None:
    """The queue of a child is asked through a pipe, which looks like I/O; what it raises tells that nothing was there."""
    here = scenes.scene(FAULTY["a queue of multiprocessing"])
    empty = scenes.facts(waits="io", raised=("Empty",), variables={"address": "constant"})
    assert scenes.judged(CAUSE, here, empty) > 0.9
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io", raised=("KeyError",))) == 0
    for name in ("a queue", "a queue of multiprocessing", "a timeout of 0"):
        assert [one.code for one in search(scenes.scene(FAULTY[name]), empty) if one.confidence >= 0.5] == [
            "HL004"
        ]


def test_a_question_that_goes_outside_is_seen_as_io() -> None:
    """Redis answers at once that there is nothing; a flag is no I/O."""
    here = scenes.scene("""
        def work(redis):
            while True:
                job = redis.lpop("jobs")  # hot
                if job is None:
                    continue
                run(job)
    """)
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=frozenset({"storm"}), waits="io")) > 0.8
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io")) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(waits="io", variables={"job": "empty"})) > 0.8
    flag = scenes.scene(FAULTY["a flag"])
    assert scenes.judged(CAUSE, flag, scenes.facts(verdicts=frozenset({"spin"}), waits="io")) == 0
