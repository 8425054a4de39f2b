"""Whether the measured facts show that a loop asks another side: connections made, and a client's functions below it."""

from collections.abc import Iterable

from diag.causes.cause import Facts

CHURN = 2.0
"""Connections a second: a client that waits half a second or more before it tries again makes fewer."""

ASKED = frozenset(
    {
        *("request", "_request", "urlopen", "_make_request", "getresponse", "call_api", "perform_request"),
        *("open_connection", "create_connection", "connect", "_api_call", "_make_api_call", "send"),
        *("send_request", "handle_request", "handle_async_request", "_send_request", "ws_connect", "begin"),
        "execute_command",
    }
)
"""Functions of clients that a request runs through: urllib3, http.client, requests, httpx, aiohttp, botocore, redis."""


def churns(facts: Facts) -> bool:
    """Whether connections are made faster than by a client that pauses."""
    return facts.connections_per_second is not None and facts.connections_per_second >= CHURN


def asks(facts: Facts, also: Iterable[str] = ()) -> bool:
    """Whether a client's functions were seen below the loop, or others of these names."""
    return any(name.rpartition(".")[2] in ASKED.union(also) for name in facts.called)
