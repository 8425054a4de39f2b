"""A whole run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from viewserver import serving

from repro.viewers.conduct import Place
from repro.viewers.crowd import Plan
from repro.viewers.watching import Audience, watch

if TYPE_CHECKING:
    from repro.viewers.progress import Progress
    from repro.viewers.summary import Summary


def test_a_run_is_told_and_summed_up() -> None:
    """The audience hears once that all were tried, and how it goes; the summary has the rest."""
    tried: list[tuple[int, int]] = []
    progress: list[Progress] = []
    audience = Audience(
        tried=lambda opened, refused: tried.append((opened, refused)), progress=progress.append, interval=0.02
    )

    async def go() -> Summary:
        async with serving() as server:
            places = (Place("open", "default", "p"), Place("open", "default", "nosuch"))
            plan = Plan(base=server.base, places=places, views=4, seconds=1.0)
            return await watch(plan, expected=20, stop=asyncio.Event(), audience=audience)

    summary = asyncio.run(go())
    assert tried == [(2, 2)]
    assert any(look.open == 2 for look in progress)
    assert (summary.views.opened, summary.views.left, summary.views.refused) == (2, 2, 2)
    assert summary.refusals == {'HTTP 404: pods "nosuch" not found': 2}
    assert (summary.lines.expected, summary.lines.received, summary.lines.lost) == (80, 2, 78)
    assert summary.pods == ("default/p", "default/nosuch")
    assert summary.health_ms.answered > 0
    assert summary.generator.rss_mb > 0
