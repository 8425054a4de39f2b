"""A web application under uvicorn that streams the progress of a job; the visitor has gone."""

import asyncio
import socket
import threading
import time

import lifetime
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

FIXED = lifetime.begin()
jobs = {}


async def finish(request):
    job = request.path_params["job"]
    while job not in jobs:
        await asyncio.sleep(0.2 if FIXED else 0)
    return PlainTextResponse(jobs[job])


def visit(port):
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /jobs/7 HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)


def when_up(server):
    while not server.started:
        time.sleep(0.05)
    visit(server.servers[0].sockets[0].getsockname()[1])
    lifetime.ready()


app = Starlette(routes=[Route("/jobs/{job}", finish)])
server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
threading.Thread(target=when_up, args=(server,), daemon=True).start()
server.run()
