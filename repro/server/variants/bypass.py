"""The way around that the article mentions and did not take: finished pods over plain HTTP, without a WebSocket.

It costs next to nothing, and fixes nothing. The view of a pod that still runs is the buggy one, so a pod that
finishes while somebody looks at it, and a pod that crashes again and again without ever being finished, take a
core as before.
"""

from aiohttp import web

from repro.server.podlog import PodLog
from repro.server.variants import buggy


async def view(request: web.Request, log: PodLog) -> web.StreamResponse:
    """Answer with a finished pod's log as it stands; show any other as before."""
    if log.pod.finished:
        return await whole_log(request, log)
    return await buggy.view(request, log)


async def whole_log(request: web.Request, log: PodLog) -> web.StreamResponse:
    """Answer with the log up to its present end."""
    answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
    async with await log.read() as stream:
        await answer.prepare(request)
        async for chunk in stream.content.iter_any():
            await answer.write(chunk)
    await answer.write_eof()
    return answer
