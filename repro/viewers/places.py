"""Which logs there are to view: what the server lists."""

import asyncio
import os
from urllib.parse import urlsplit

import aiohttp
import msgspec

from diag.errors import HotloopError
from repro.viewers.conduct import said

LIST_TIMEOUT = 10.0
"""Seconds that the server has to list its pods."""

CONNECT_TIMEOUT = 2.0
"""Seconds for a connection to be made; a server with a full backlog is there all the same."""


class ListedPod(msgspec.Struct, frozen=True):
    """A pod as `/pods` lists it."""

    namespace: str
    name: str
    labels: dict[str, str] | None = None


_pods = msgspec.json.Decoder(list[ListedPod])


async def list_pods(base: str, namespace: str | None) -> list[ListedPod]:
    """Ask the server for its pods, in one namespace or in all.

    Raises:
        HotloopError: it does not answer, or not with a list of pods.
    """
    query = {} if namespace is None else {"namespace": namespace}
    timeout = aiohttp.ClientTimeout(total=LIST_TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.get(f"{base}/pods", params=query) as answer,
        ):
            body = await answer.read()
    except TimeoutError:
        raise HotloopError(f"{base} did not list its pods within {LIST_TIMEOUT:g} s.") from None
    except aiohttp.ClientConnectorError as error:
        raise unreachable(base, error.os_error) from None
    except aiohttp.ClientError as error:
        raise HotloopError(f"{base} does not list its pods: {str(error) or type(error).__name__}.") from None
    if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
        words = said(body.decode(errors="replace")) or answer.reason
        raise HotloopError(f"{base} does not list its pods: HTTP {answer.status}: {words}")
    try:
        return _pods.decode(body)
    except msgspec.DecodeError:
        raise HotloopError(
            f"{base}/pods is not a list of pods: is this a log server of `repro serve`?"
        ) from None


def choose(pods: list[ListedPod], labels: dict[str, str]) -> list[ListedPod]:
    """Keep the pods that carry the labels.

    Raises:
        HotloopError: there are none, or the server does not tell labels.
    """
    if labels and any(pod.labels is None for pod in pods):
        raise HotloopError("This server lists its pods without their labels: name them with --pod.")
    chosen = [pod for pod in pods if labels.items() <= (pod.labels or {}).items()]
    if not chosen:
        wanted = ",".join(f"{name}={value}" for name, value in labels.items())
        raise HotloopError(f"The server has no pod with {wanted}." if wanted else "The server has no pods.")
    return chosen


async def check_reachable(base: str) -> None:
    """Find out whether anything listens at the server's address; a frozen server does.

    Raises:
        HotloopError: nothing does.
    """
    parts = urlsplit(base)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except TimeoutError:
        return
    except OSError as error:
        raise unreachable(base, error) from None
    writer.close()


def unreachable(base: str, error: OSError) -> HotloopError:
    """Say that nothing answers there, and what to do."""
    number = error.errno or 0
    why = os.strerror(number).lower() if number > 0 else (error.strerror or str(error))
    return HotloopError(
        f"No log server answers at {base} ({why}): start one with `repro serve`, or mind the address."
    )
