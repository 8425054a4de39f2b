"""HL006: what failed is tried again at once."""

import pytest
import scenes

from diag.causes.catalogue import search
from diag.causes.retry_without_pause import CAUSE

RECONNECT = """
async def keep_connected(port):
    attempts = 0
    while True:
        try:
            await session(port)
        except OSError:
            attempts += 1  # hot
"""

FAULTY = {
    "continue": """
        def run(self):
            while True:
                try:
                    self.connect()  # hot
                except ConnectionError:
                    continue
                self.serve()
    """,
    "logs and goes on": """
        async def run(self):
            while self.running:
                try:
                    async with connect(self.url) as ws:
                        async for message in ws:
                            await self.handle(message)
                except Exception:  # hot
                    log.exception("lost")
    """,
    "bare except": """
        def run():
            while 1:
                try:
                    fetch()  # hot
                except:
                    pass
    """,
    "suppress": """
        async def run(client):
            while True:
                with suppress(OSError):
                    await client.ping()  # hot
    """,
    "two handlers, one of them pauses": """
        async def run(self):
            while True:
                try:
                    await self.pump()  # hot
                except asyncio.TimeoutError:
                    await asyncio.sleep(1)
                except aiohttp.ClientError:
                    log.warning("again")
    """,
    "cancellation is let out": """
        async def run(self):
            while True:
                try:
                    await self.pump()  # hot
                except asyncio.CancelledError:
                    raise
                except Exception as error:
                    log.error("failed: %s", error)
    """,
    "the pause stands on the way of success": """
        async def run(self):
            while True:
                try:
                    await self.report()  # hot
                    await asyncio.sleep(30)
                except Exception:
                    log.exception("report failed")
    """,
    "an endless for": """
        def run(self):
            for attempt in itertools.count(1):
                try:
                    return self.dial()  # hot
                except OSError as error:
                    log.info("attempt %d: %s", attempt, error)
    """,
    "recv on a closed socket": """
        async def listen(ws):
            while True:
                try:
                    message = await ws.recv()  # hot
                    await handle(message)
                except Exception as error:
                    print(error)
    """,
    "accept without descriptors": """
        def serve(listener):
            while True:
                try:
                    conn, addr = listener.accept()  # hot
                except OSError:
                    continue
                start(conn)
    """,
    "select on a closed descriptor": """
        def serve(self):
            while True:
                try:
                    ready = select.select(self.socks, [], [], 1)  # hot
                except (OSError, ValueError):
                    continue
                self.dispatch(ready)
    """,
    "input at its end": """
        def shell():
            while True:
                try:
                    line = input("> ")  # hot
                except EOFError:
                    continue
                run(line)
    """,
    "nested in a for over hosts": """
        def run(hosts):
            while True:  # hot
                for host in hosts:
                    try:
                        return connect(host)
                    except OSError:
                        log.warning("no %s", host)
    """,
    "finally closes": """
        async def run(self):
            while not self.closing:
                reader = None
                try:
                    reader = await self.open()  # hot
                    await self.read(reader)
                except (OSError, EOFError):
                    self.failures += 1
                finally:
                    if reader:
                        reader.close()
    """,
    "except*": """
        async def run(self):
            while True:
                try:
                    await self.group()  # hot
                except* OSError:
                    pass
    """,
    "else leaves": """
        def run(self):
            while True:
                try:
                    conn = self.connect()  # hot
                except OSError:
                    pass
                else:
                    return conn
    """,
    "a condition in the handler": """
        def run(self):
            while True:
                try:
                    self.step()  # hot
                except OSError as error:
                    if error.errno == EBADF:
                        raise
                    log.warning("again")
    """,
    "with settings that are looked up": """
        async def run(self):
            while True:
                url = self.settings.get("url")
                try:
                    await self.connect(url)  # hot
                except OSError:
                    continue
    """,
    "puts it back": """
        def run(self):
            while True:
                mail = self.outbox.popleft()
                try:
                    self.send(mail)  # hot
                except OSError:
                    self.outbox.append(mail)
    """,
    "a zero sleep": """
        async def run(self):
            while True:
                try:
                    await self.step()  # hot
                except OSError:
                    await asyncio.sleep(0)
    """,
}

SILENT = {
    "sleeps in the handler": """
        async def run(self):
            while True:
                try:
                    await self.pump()  # hot
                except OSError:
                    await asyncio.sleep(1)
    """,
    "backs off": """
        async def run(self):
            delay = 0.1
            while True:
                try:
                    await self.pump()  # hot
                except OSError:
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, 30)
    """,
    "sleeps after the try": """
        async def run(self):
            while True:
                try:
                    await self.pump()  # hot
                except OSError:
                    log.warning("again")
                await asyncio.sleep(1)
    """,
    "sleeps before the try": """
        async def run(self):
            while True:
                await asyncio.sleep(5)
                try:
                    await self.report()  # hot
                except OSError:
                    continue
    """,
    "sleeps first inside the try": """
        async def run(self):
            while True:
                try:
                    await asyncio.sleep(5)
                    await self.report()  # hot
                except OSError:
                    continue
    """,
    "sleeps in finally": """
        def run(self):
            while True:
                try:
                    self.report()  # hot
                except OSError:
                    pass
                finally:
                    time.sleep(1)
    """,
    "waits for an event, with a limit": """
        def run(self):
            while not self.stop.is_set():
                try:
                    self.report()  # hot
                except OSError:
                    pass
                self.stop.wait(10)
    """,
    "a method that backs off": """
        class Client:
            async def lost(self, error):
                log.warning(error)
                await asyncio.sleep(self.delay)
            async def run(self):
                while True:
                    try:
                        await self.pump()  # hot
                    except OSError as error:
                        await self.lost(error)
    """,
    "a back-off of elsewhere": """
        async def run(self):
            while True:
                try:
                    await self.pump()  # hot
                except OSError:
                    await self._backoff()
    """,
    "three tries": """
        def run(self):
            for attempt in range(3):
                try:
                    return self.connect()  # hot
                except OSError:
                    continue
    """,
    "counts in the test": """
        def run(self):
            tries = 0
            while tries < 5:
                try:
                    return self.connect()  # hot
                except OSError:
                    tries += 1
    """,
    "counts and gives up": """
        def run(self):
            tries = 0
            while True:
                try:
                    return self.connect()  # hot
                except OSError:
                    tries += 1
                    if tries > 5:
                        raise
    """,
    "leaves": """
        async def run(self):
            while True:
                try:
                    await self.pump()  # hot
                except OSError:
                    break
    """,
    "leaves after logging": """
        async def run(self):
            while True:
                try:
                    await self.pump()  # hot
                except OSError:
                    log.exception("lost")
                    return
    """,
    "skips bad lines": """
        def run(file):
            while line := file.readline():
                try:
                    handle(json.loads(line))  # hot
                except ValueError:
                    continue
    """,
    "a worker that outlives bad jobs": """
        async def work(queue):
            while True:
                job = await queue.get()
                try:
                    await job()  # hot
                except Exception:
                    log.exception("job failed")
    """,
    "a worker, all in the try": """
        async def work(self):
            while True:
                try:
                    job = await self.queue.get()
                    await job()  # hot
                except Exception:
                    log.exception("job failed")
    """,
    "a wait that times out": """
        async def work(self):
            while not self.closing:
                try:
                    message = await asyncio.wait_for(self.read(), 1)  # hot
                except asyncio.TimeoutError:
                    continue
                self.handle(message)
    """,
    "an empty queue": """
        def work(q):
            while True:
                try:
                    q.get_nowait()()  # hot
                except Empty:
                    continue
    """,
    "an empty queue, caught broadly": """
        def work(q):
            while True:
                try:
                    handle(q.get_nowait())  # hot
                except Exception:
                    pass
    """,
    "the end of an iterator": """
        def work(it):
            while True:
                try:
                    handle(next(it))  # hot
                except StopIteration:
                    it = iter(again())
    """,
    "a parser that tries alternatives": """
        def skip(self, text, at):
            while True:
                try:
                    at = self.ignored.parse(text, at)  # hot
                except ParseException:
                    pass
                at = self.next(text, at)
    """,
    "waits in a select, skips a broken read": """
        def pump(self):
            while True:
                for key in self.selector.select():
                    handle(key)
                try:
                    self.read()  # hot
                except OSError:
                    self.broken = True
    """,
    "raised anew": """
        def run(self):
            while True:
                try:
                    self.step()  # hot
                except OSError as error:
                    raise Lost from error
    """,
    "a server that answers what has come": """
        async def start(self):
            while not self._force_close:
                if not self._messages:
                    await self._waiter
                message, payload = self._messages.popleft()
                request = self._request_factory(message, payload, self)
                try:
                    coro = self._handle_request(request, self.started)  # hot
                    resp, reset = await self._loop.create_task(coro)
                    if reset:
                        break
                except asyncio.CancelledError:
                    raise
                except Exception as exc:
                    self.log_exception("Unhandled exception", exc_info=exc)
    """,
    "callbacks, one after the other": """
        def run(self):
            while True:
                callback = self.callbacks.pop()
                try:
                    callback.call(callback)  # hot
                except Exception:
                    log.exception("callback failed")
    """,
    "a rate limiter": """
        async def run(self):
            while True:
                async with self.rate_limiter:
                    try:
                        await self.step()  # hot
                    except OSError:
                        continue
    """,
    "connects and then waits": """
        async def run(self):
            while True:
                await self.connect()  # hot
                await self.closed.wait()
    """,
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_retries_without_a_pause_are_found(text: str) -> None:
    """The pattern is found, and holds where an exception that the handler takes is in flight."""
    here = scenes.scene(text)
    match = scenes.found(CAUSE, here)
    measured = scenes.facts(verdicts=frozenset({"storm"}), raised=(match.names[1],))
    assert scenes.judged(CAUSE, here, measured) > 0.9


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_look_alikes_stay_silent(text: str) -> None:
    """No match where the failing way pauses, ends, is counted, or is none."""
    assert CAUSE.find(scenes.scene(text)) is None


def test_the_message_names_what_is_tried_and_the_handler() -> None:
    """The call that fails and the handler that leads back stand with their lines."""
    match = scenes.found(CAUSE, scenes.scene(RECONNECT))
    assert (match.line, match.lines) == (6, (3, 5, 6, 7))
    assert match.message == (
        "The loop of lines 3-7 tries `session(port)` in line 5 again at once when it fails: "
        "`except OSError` in line 6 leads back to line 3 without a pause."
    )


def test_the_exception_must_be_one_that_the_handler_takes() -> None:
    """A subclass supports, one of another kind contradicts, one that is not built in supports less."""
    here = scenes.scene(RECONNECT)

    def agreement(*raised: str) -> float:
        return scenes.judged(CAUSE, here, scenes.facts(verdicts=frozenset({"spin"}), raised=raised))

    assert agreement("ConnectionRefusedError") > 0.9
    assert 0.6 < agreement("aiohttp.client_exceptions.ClientConnectorError") < 0.8
    assert agreement("KeyError") == 0
    assert agreement("StopIteration", "ConnectionRefusedError") > 0.9
    assert agreement("StopIteration") == 0


def test_without_an_exception_in_sight_churn_or_the_handler_must_be_seen() -> None:
    """An exception is short-lived; many connections, or the handler's lines, stand in for it."""
    here = scenes.scene(RECONNECT)
    assert scenes.judged(CAUSE, here, scenes.facts()) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(connections_per_second=900.0)) > 0.8
    assert scenes.judged(CAUSE, here, scenes.facts(connections_per_second=0.5)) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(lines=frozenset({5, 7}))) > 0.7
    assert scenes.judged(CAUSE, here, scenes.facts(lines=frozenset({3, 5}))) == 0


def test_healthy_traffic_acquits() -> None:
    """Payload that moves without a failure is work; other verdicts name another fault."""
    here = scenes.scene(RECONNECT)
    lines = frozenset({7})
    assert scenes.judged(CAUSE, here, scenes.facts(lines=lines, bytes_per_second=5e6)) == 0
    assert scenes.judged(CAUSE, here, scenes.facts(lines=lines, verdicts=frozenset({"leak"}))) == 0


def test_a_failure_swallowed_below_the_loop() -> None:
    """The handler can stand in a function that the loop calls."""
    here = scenes.scene("""
        class Client:
            def attempt(self):
                try:
                    self.sock.connect(self.address)
                except OSError:
                    return False
                return True

            def run(self):
                while not self.attempt():
                    log.info("again")  # hot
    """)
    match = scenes.found(CAUSE, here)
    assert (match.line, match.lines[0], match.lines[-1]) == (5, 4, 10)
    assert "by way of `self.attempt` in line 10" in match.message
    assert scenes.judged(CAUSE, here, scenes.facts(raised=("ConnectionRefusedError",))) > 0.9


def test_a_connection_made_on_every_turn() -> None:
    """Where the connection ends, or its failure is an answer, there is no handler; the churn tells."""
    here = scenes.scene("""
        def run(self):
            while True:
                if self.sock.connect_ex(self.address) == 0:  # hot
                    return
    """)
    assert "nothing pauses" in scenes.found(CAUSE, here).message
    assert scenes.judged(CAUSE, here, scenes.facts(connections_per_second=500.0)) > 0.8
    assert scenes.judged(CAUSE, here, scenes.facts()) == 0


def test_the_decorator_of_a_function_that_a_library_calls() -> None:
    """The hot loop is the library's; the function below it, and its decorator, are the user's."""
    library = """
        def call(function):
            while True:
                outcome = attempt(function)  # hot
                if outcome.done:
                    return outcome
                sleep(outcome.delay)
    """
    user = """
        @retry
        def connect():
            return socket.create_connection(address)
    """
    here = scenes.scene(library, inner=[(user, "connect")])
    assert CAUSE.find(here) is None
    (cause,) = search(here, scenes.facts(raised=("BaseException",)), (CAUSE,))
    assert (cause.file, cause.line) == ("library.py", 1)


@pytest.mark.parametrize(
    ("decorator", "at_once"),
    [
        ("@retry", True),
        ("@tenacity.retry", True),
        ("@retry()", True),
        ("@retry(wait=wait_none())", True),
        ("@retry(wait=wait_fixed(0), retry=retry_if_exception_type(OSError))", True),
        ("@retry(wait_fixed=0)", True),
        ("@backoff.on_exception(backoff.constant, OSError, interval=0)", True),
        ("@retry(wait=wait_exponential())", False),
        ("@retry(stop=stop_after_attempt(3))", False),
        ("@retry(wait=wait_fixed(2))", False),
        ("@retry(**options)", False),
        ("@retry(3)", False),
        ("@backoff.on_exception(backoff.expo, OSError)", False),
        ("@backoff.on_exception(backoff.constant, OSError, interval=0, max_tries=5)", False),
        ("@functools.wraps(f)", False),
    ],
)
def test_decorators(decorator: str, at_once: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """A decorator that retries counts where it sets neither a wait nor an end."""
    match = CAUSE.find(scenes.scene(f"{decorator}\ndef fetch():\n    return download()  # hot\n"))
    assert (match is not None) == at_once
