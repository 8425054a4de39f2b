"""The WebSocket of a log view."""

from collections.abc import Iterable

from aiohttp import web

from repro.server.metrics import current_view


class LogSocket(web.WebSocketResponse[bool]):
    """A WebSocket that counts what it sends, and does not compress: the views' CPU is what is measured."""

    def __init__(
        self, *, protocols: Iterable[str] = (), heartbeat: float | None = None, max_msg_size: int = 1 << 22
    ) -> None:
        super().__init__(
            protocols=protocols, heartbeat=heartbeat, max_msg_size=max_msg_size, compress=False, timeout=3.0
        )
        self._view = current_view()

    async def send_str(self, data: str, compress: int | None = None) -> None:
        """Send a TEXT frame."""
        self._view.tally.messages += 1
        await super().send_str(data, compress)

    async def send_bytes(self, data: bytes, compress: int | None = None) -> None:
        """Send a BINARY frame."""
        self._view.tally.messages += 1
        await super().send_bytes(data, compress)
