"""Checks for asyncio in tests and servers: what a test leaves behind, whether its event loop spins, what a loop does."""

from diag.testing.meter import LoopCounts, LoopMeter

__all__ = ["LoopCounts", "LoopMeter"]
