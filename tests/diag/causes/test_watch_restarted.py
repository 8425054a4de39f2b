"""HL013: a stream or request that has ended is opened again at once."""

import pytest
import scenes

from diag.causes.cause import Variable
from diag.causes.watch_restarted import CAUSE

WATCH = """
from kubernetes import client, watch

def follow(core):
    while True:
        for event in watch.Watch().stream(core.list_namespaced_pod, "default"):
            handle(event)  # inner
        log.info("watch ended")  # hot
"""

FAULTY = {
    "a watch": WATCH.replace("  # inner", ""),
    "a watch, async": """
        async def follow(self):
            while True:  # hot
                async for event in self.watch.stream(self.core.list_pod, timeout_seconds=60):
                    await self.handle(event)
    """,
    "a response read to its end": """
        def follow(url):
            while True:  # hot
                response = requests.get(url, stream=True)
                for line in response.iter_lines():
                    handle(line)
    """,
    "the library's own loop": """
        def stream(self, func, *args, **kwargs):
            while True:
                response = func(*args, **kwargs)
                try:
                    for line in lines_of(response):
                        yield self.parse(line)
                finally:
                    response.close()
                    response.release_conn()
                    if self.version is not None:  # hot
                        kwargs["version"] = self.version
                if self.stopped or self.once:
                    break
    """,
    "opened where there is none": """
        class Watch:
            def reopen(self):
                self.response.close()
                self.response = None

            async def next(self):
                while 1:  # hot
                    if self.response is None:
                        self.response = await self.func()
                    if self.stopped:
                        raise StopAsyncIteration
                    line = await self.response.content.readline()
                    if line == b"":
                        self.reopen()
                        continue
                    return self.parse(line)
    """,
    "opened where there is none, in one function": """
        async def pump(self):
            ws = None
            while not self.closed:  # hot
                if not ws:
                    ws = await self.open_socket()
                message = await ws.read()
                if message is None:
                    ws = None
                    continue
                await self.handle(message)
    """,
    "async with": """
        async def events(self):
            while self.running:  # hot
                async with self.session.get(self.url) as response:
                    async for line in response.content:
                        self.handle(line)
    """,
    "server-sent events": """
        def events(url):
            while True:  # hot
                for event in SSEClient(url):
                    handle(event)
    """,
    "docker": """
        def events(client):
            while True:  # hot
                for event in client.events(decode=True):
                    handle(event)
    """,
    "etcd": """
        def follow(etcd):
            while True:  # hot
                events, cancel = etcd.watch_prefix("/jobs/")
                for event in events:
                    handle(event)
    """,
    "websockets' iterator": """
        async def listen(url):
            async for ws in websockets.connect(url):  # hot
                try:
                    await greet(ws)
                except websockets.ConnectionClosed:
                    continue
    """,
    "SQS without a long poll": """
        def work(sqs, url):
            while True:
                answer = sqs.receive_message(QueueUrl=url)  # hot
                for message in answer.get("Messages", []):
                    handle(message)
    """,
    "SQS with a wait of 0": """
        def work(sqs, url):
            while True:
                answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0)  # hot
                handle(answer.get("Messages"))
    """,
    "redis streams without block": """
        async def work(redis):
            last = "0"
            while True:
                for stream, entries in await redis.xread({"jobs": last}):
                    last = handle(entries)
                log.debug("none")  # hot
    """,
    "consul's index, answered at once": """
        def follow(session, url):
            index = 0
            while True:
                answer = session.get(url, params={"index": index})  # hot
                index = answer.headers["X-Consul-Index"]
                handle(answer.json())
    """,
    "a bot's updates": """
        def work(bot):
            while True:
                for update in bot.get_updates(offset=bot.offset):
                    handle(update)
                log.debug("none")  # hot
    """,
    "a connection, gone through": """
        async def stream(port):
            while True:  # hot
                async with connected(port) as reader:
                    async for line in reader:
                        quotes.append(line)
    """,
    "a connection that is awaited": """
        async def stream(self):
            while self.running:  # hot
                reader = await self.reopen()
                async for line in reader:
                    self.handle(line)
    """,
    "a log, read again and again": """
        def tail(path):
            while True:  # hot
                file = open(path)
                for line in file:
                    handle(line)
    """,
}

SILENT = {
    "a plain read": """
        async def relay(reader):
            while True:  # hot
                data = await reader.read(1024)
                for message in data.split(b";"):
                    handle(message)
    """,
    "a line": """
        async def read_log(content, lines, stopping):
            while not stopping.done():  # hot
                read = await content.readline()
                for line in read.split(b"\\r"):
                    if not line:
                        break
                    await lines.put(line)
    """,
    "a connection, after a pause": """
        async def stream(port):
            while True:  # hot
                async with connected(port) as reader:
                    async for line in reader:
                        quotes.append(line)
                await asyncio.sleep(1)
    """,
    "a question": """
        def pump(self):
            while True:  # hot
                up = self.connected()
                for peer in up:
                    peer.ping()
    """,
    "pauses when it has ended": """
        def follow(core):
            while True:
                for event in watch.Watch().stream(core.list_namespaced_pod, "default"):
                    handle(event)
                time.sleep(1)  # hot
    """,
    "backs off": """
        async def follow(self):
            delay = 1
            while True:  # hot
                async for event in self.watch.stream(self.core.list_pod):
                    await self.handle(event)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 60)
    """,
    "leaves when it has ended": """
        def follow(self):
            while True:  # hot
                for event in self.watch.stream(self.core.list_pod):
                    handle(event)
                break
    """,
    "opens it once": """
        def follow(url):
            response = requests.get(url, stream=True)
            for line in response.iter_lines():
                handle(line)  # hot
    """,
    "SQS with a long poll": """
        def work(sqs, url):
            while True:
                answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)  # hot
                handle(answer.get("Messages"))
    """,
    "redis streams with block": """
        async def work(redis):
            while True:
                entries = await redis.xread({"jobs": "$"}, block=5000)  # hot
                handle(entries)
    """,
    "a bot's long poll": """
        def work(bot):
            while True:
                updates = bot.get_updates(timeout=30)  # hot
                handle(updates)
    """,
    "page by page": """
        def all_items(client):
            token = None
            while True:
                page = client.list_items(token=token)
                for item in page.items:
                    yield item  # inner
                token = page.next_token
                if not token:  # hot
                    return
    """.replace("  # inner", ""),
    "page by page, tested in the head": """
        def all_items(client):
            token = ""
            while token is not None:  # hot
                page = client.list_items(token)
                for item in page.items:
                    yield item
                token = page.next_token
    """,
    "by a cursor": """
        def scan(client):
            cursor = "0"
            while cursor != 0:  # hot
                cursor, keys = client.scan(cursor=cursor)
                for key in keys:
                    yield key
    """,
    "lookups": """
        def resolve(self, names):
            while names:  # hot
                found = self.by_key.get(names.pop())
                for name in found.requires:
                    names.append(name)
    """,
    "requests on a schedule": """
        def poll(session, url):
            while True:
                handle(session.get(url).json())  # hot
                time.sleep(30)
    """,
    "requests for queued work": """
        async def work(self):
            while True:
                job = await self.queue.get()
                answer = await self.session.get(job.url)  # hot
                job.done(answer)
    """,
    "a dict's get": """
        def climb(parents, key):
            while key:
                key = parents.get(key)  # hot
    """,
    "lines of a text": """
        def work(self):
            while self.step():
                for line in self.text.splitlines():
                    handle(line)
                self.turns += 1  # hot
    """,
    "files of a queue": """
        def work(queue):
            while True:  # hot
                path = queue.get()
                file = open(path)
                for line in file:
                    handle(line)
    """,
    "a buffer that is made where there is none": """
        def fill(self):
            while True:
                if self.buffer is None:
                    self.buffer = bytearray()
                self.buffer += self.read()  # hot
    """,
    "text that is made bytes": """
        async def read(self):
            while self.connected:
                data = None
                data = (await self.ws.receive()).data  # hot
                if isinstance(data, str):
                    data = data.encode()
                await self.handle(data)
    """,
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_what_is_opened_again_at_once_is_found(text: str) -> None:
    """The pattern is found, and holds in a storm."""
    here = scenes.scene(text)
    assert (
        scenes.judged(CAUSE, here, scenes.facts(verdicts=frozenset({"storm"}), bytes_per_second=4e5)) >= 0.9
    )
    assert scenes.judged(CAUSE, here) == 0


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_look_alikes_stay_silent(text: str) -> None:
    """No match where something pauses or lets the server wait, or where each round asks for something else."""
    assert CAUSE.find(scenes.scene(text)) is None


def test_the_message_names_where_it_is_opened_and_where_it_ends() -> None:
    """The call and the loop stand with their lines."""
    match = scenes.found(CAUSE, scenes.scene(FAULTY["a response read to its end"]))
    assert (match.line, match.lines) == (3, (2, 3, 4))
    assert match.message == (
        "The loop of lines 2-5 opens `requests.get(url, stream=True)` in line 3 again at once when it has ended in "
        "line 4: nothing pauses on the way back to line 2."
    )
    single = scenes.found(CAUSE, scenes.scene(FAULTY["docker"]))
    assert (
        "opens `client.events(decode=True)` in line 3 again at once when it has ended: nothing"
        in single.message
    )


def test_a_spin_needs_connections_or_requests() -> None:
    """Without a storm, churn or a client's functions below the loop must show that something is opened."""
    here = scenes.scene(FAULTY["a watch"])
    spin = frozenset({"spin"})
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=spin)) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=spin, connections_per_second=200.0)) > 0.8
    called = ("HTTPConnectionPool.urlopen", "iter_lines")
    assert 0.6 < scenes.judged(CAUSE, here, scenes.facts(verdicts=spin, called=called)) < 0.8


def test_a_single_request_may_be_a_load_that_is_meant() -> None:
    """The same request again and again over one connection is what a load generator does; churn or a storm decides."""
    here = scenes.scene(FAULTY["consul's index, answered at once"])
    assert scenes.judged(CAUSE, here, scenes.facts(called=("urlopen",))) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(connections_per_second=50.0)) > 0.8


def test_bytes_do_not_acquit() -> None:
    """What is opened again delivers the same bytes again."""
    here = scenes.scene(FAULTY["a watch"])
    measured = scenes.facts(called=("urlopen",), bytes_per_second=1.6e6, variables={"event": "constant"})
    assert scenes.judged(CAUSE, here, measured) > 0.7


def test_failures_are_another_cause() -> None:
    """Where exceptions are in flight, it did not end but failed; iterators end with one that means nothing."""
    here = scenes.scene(FAULTY["a watch"])
    storm = frozenset({"storm"})
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=storm, raised=("ConnectionRefusedError",))) < 0.6
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=storm, raised=("StopIteration",))) >= 0.9


def test_productive_streams_acquit() -> None:
    """Other verdicts and fresh data without a storm speak of work."""
    here = scenes.scene(FAULTY["a watch"])
    event = Variable(behaviour="changing", types=("dict",))
    assert (
        scenes.judged(CAUSE, here, scenes.facts(variables={"event": event}, connections_per_second=200.0))
        == 0
    )
    assert (
        scenes.judged(
            CAUSE, here, scenes.facts(verdicts=frozenset({"healthy"}), connections_per_second=200.0)
        )
        == 0
    )
