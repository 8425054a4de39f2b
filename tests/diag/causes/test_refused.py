"""HL006: a request is sent again at once because of its answer."""

import pytest
import scenes

from diag.causes.cause import Variable
from diag.causes.retry_without_pause import CAUSE, REFUSED

WEBHOOK = """
async def deliver(session, url, event):
    attempt = 0
    while True:
        async with session.post(url, json=event) as response:  # hot
            if response.status < 300:
                return attempt
        attempt += 1
"""

FAULTY = {
    "async with": WEBHOOK.replace("  # hot", "").replace("while True:", "while True:  # hot"),
    "requests": """
        def deliver(url, event):
            while True:  # hot
                response = requests.post(url, json=event)
                if response.ok:
                    return response
                log.warning("refused: %s", response.text)
    """,
    "tested by the while": """
        def wait_for(client, url):
            status = None
            while status != 200:  # hot
                status = client.get(url).status_code
    """,
    "its own client, awaited": """
        async def flush(self, event):
            while not await self.publish(event):  # hot
                self.failures += 1
    """,
    "the state of a job": """
        async def wait_for(session, url):
            while True:  # hot
                response = await session.get(url)
                job = await response.json()
                if job["state"] == "done":
                    return job
    """,
    "left by break": """
        def send(client, message):
            while True:  # hot
                answer = client.send(message)
                if answer.status_code == 202:
                    break
                print("again", answer.status_code)
    """,
    "a status that is no failure": """
        async def send(session, url):
            while True:  # hot
                async with session.put(url) as response:
                    if not response.status >= 400:
                        return
    """,
    "failures are caught as well": """
        async def send(session, url):
            while True:  # hot
                try:
                    answer = await session.post(url)
                except OSError:
                    raise
                if answer.status == 200:
                    return answer
    """,
}

SILENT = {
    "pauses": """
        async def deliver(session, url, event):
            attempt = 0
            while True:  # hot
                async with session.post(url, json=event) as response:
                    if response.status < 300:
                        return attempt
                attempt += 1
                await asyncio.sleep(min(2**attempt, 30))
    """,
    "gives up": """
        def deliver(url, event):
            attempt = 0
            while True:  # hot
                if requests.post(url, json=event).ok:
                    return
                attempt += 1
                if attempt > 5:
                    raise Refused
    """,
    "page by page": """
        async def pages(session, url):
            cursor = None
            while True:  # hot
                page = await session.get(url, params={"cursor": cursor})
                cursor = page.cursor
                if cursor is None:
                    return
    """,
    "a load generator": """
        async def visit(session, url):
            while True:  # hot
                async with session.get(url) as response:
                    assert await response.text() == "hello"
    """,
    "left when it fails": """
        async def visit(session, url):
            while True:  # hot
                async with session.get(url) as response:
                    if response.status != 200:
                        break
                self.visits += 1
    """,
    "left when it is not ok": """
        def visit(session, url):
            while True:  # hot
                answer = session.get(url)
                if not answer.ok:
                    return answer
    """,
    "does something with the answer": """
        async def mirror(session, url):
            while True:  # hot
                response = await session.get(url)
                page = await response.json()
                if page["last"]:
                    return
                self.store(page)
    """,
    "keeps the answer": """
        async def mirror(session, url):
            while True:  # hot
                page = await session.get(url)
                if page.last:
                    return
                self.pages[page.number] = page
    """,
    "hands it out": """
        async def pages(session, url):
            while True:  # hot
                page = await session.get(url)
                if page.last:
                    return
                yield page
    """,
    "a server that waits for requests": """
        async def start(self):
            while not self.closing:  # hot
                request = await self.messages.get()
                response = await self.handle(request)
                done = await self.send(response)
                if done:
                    break
    """,
    "a server's handler": """
        async def start(self):
            while not self._force_close:
                if not self._messages:
                    await self._waiter
                message, payload = self._messages.popleft()
                task = self._loop.create_task(self._handle_request(message, payload))
                resp, reset = await task  # hot
                if reset:
                    break
                self._keepalive = bool(resp.keep_alive)
    """,
    "a function that is not awaited": """
        def place(self):
            while True:  # hot
                spot = self.report(self.board)
                if spot.free:
                    return spot
    """,
    "a read": """
        async def read(self):
            while True:  # hot
                line = await self.reader.readline()
                if line == b"end":
                    return
    """,
}

SENT = ("ClientSession._request", "connect")


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_requests_that_their_answer_repeats_are_found(text: str) -> None:
    """They are found, and hold where a client's functions run below the loop; bytes go to and fro then."""
    here = scenes.scene(text)
    assert scenes.found(CAUSE, here).names[0] == REFUSED
    assert scenes.judged(CAUSE, here, scenes.facts(called=SENT, bytes_per_second=1.8e6)) >= 0.8
    assert scenes.judged(CAUSE, here, scenes.facts(bytes_per_second=1.8e6)) == 0


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_look_alikes_stay_silent(text: str) -> None:
    """No match where something pauses, comes of the answer, or where only a failure ends the loop."""
    assert CAUSE.find(scenes.scene(text)) is None


def test_the_message_names_the_request_and_the_test() -> None:
    """Both stand with their lines."""
    match = scenes.found(CAUSE, scenes.scene(WEBHOOK))
    assert (match.line, match.lines) == (4, (3, 4, 5))
    assert match.names == (REFUSED, "response", "response.status")
    assert match.message == (
        "The loop of lines 3-7 sends `session.post(url, json=event)` in line 4 again at once for as long as the answer "
        "does not let it leave by `response.status < 300` in line 5: nothing pauses on the way back to line 3."
    )


@pytest.mark.parametrize(
    ("variables", "holds"),
    [
        ({"response.status": Variable(behaviour="constant", types=("int",), text="500")}, True),
        ({"response.status": Variable(behaviour="changing", types=("int",))}, False),
        ({"attempt": "counting", "session": Variable(behaviour="changing", types=("ClientSession",))}, True),
        ({"response": Variable(behaviour="changing", types=("ClientResponse",))}, True),
        ({"body": Variable(behaviour="changing", types=("bytes",))}, False),
    ],
)
def test_the_answer_must_be_the_same(variables: dict[str, Variable], holds: bool) -> None:  # noqa: FBT001 - a case's outcome
    """Attempts that are counted and objects that change are no movement; an answer that differs is."""
    measured = scenes.facts(called=SENT, bytes_per_second=1.8e6, variables=variables)
    assert (scenes.judged(CAUSE, scenes.scene(WEBHOOK), measured) > 0) is holds


def test_without_traffic_nothing_is_sent() -> None:
    """A storm or new connections tell of requests; no bytes and other verdicts tell of none."""
    here = scenes.scene(WEBHOOK)
    assert scenes.judged(CAUSE, here, scenes.facts(verdicts=frozenset({"storm"}))) >= 0.9
    assert scenes.judged(CAUSE, here, scenes.facts(connections_per_second=30.0)) > 0.8
    assert scenes.judged(CAUSE, here, scenes.facts(called=SENT, bytes_per_second=0.0)) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(called=SENT, verdicts=frozenset({"healthy"}))) == 0
