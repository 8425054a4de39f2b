"""The log of one container: what a variant gets to show."""

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

from repro.server.cluster import Cluster
from repro.server.pods import Pod


@dataclass(frozen=True, kw_only=True)
class PodLog:
    """One container's log."""

    cluster: Cluster
    pod: Pod
    """The pod as it was when the view was asked for."""
    container: str
    stopping: asyncio.Future[Any]
    """Done when the server shuts down."""

    @property
    def name(self) -> str:
        """The pod's name."""
        return self.pod.metadata.name

    @property
    def namespace(self) -> str:
        """The pod's namespace."""
        return self.pod.metadata.namespace

    async def follow(
        self, *, timestamps: bool = False, since: str | None = None, previous: bool = False
    ) -> aiohttp.ClientResponse:
        """Open the log and whatever is written later; `content` of the answer is the stream.

        Args:
            timestamps: whether each line begins with the time it was written at.
            since: RFC 3339 time, in whole seconds; earlier lines are left out.
            previous: whether the log of the container's run before this one is meant.

        Raises:
            RefusedError: the API did not answer with a log.
        """
        return await self.cluster.log(
            self.pod, self.container, follow=True, timestamps=timestamps, sinceTime=since, previous=previous
        )

    async def read(self) -> aiohttp.ClientResponse:
        """Open the log up to its present end.

        Raises:
            RefusedError: the API did not answer with a log.
        """
        return await self.cluster.log(self.pod, self.container)


def text(line: bytes) -> str:
    """Give a log line as text, without its newline; bytes that are no UTF-8 become U+FFFD."""
    return line.decode(errors="replace").removesuffix("\n")
