"""Watches pods with the official asynchronous client; the API server ends each watch at once."""

import asyncio
import json

import lifetime
from aiohttp import web
from kubernetes.aio import client, watch

FIXED = lifetime.begin()
phases = {}


async def pods(request):
    response = web.StreamResponse()
    await response.prepare(request)
    if "watch" in request.query and FIXED:
        await asyncio.sleep(3600)
    if "watch" not in request.query:
        await response.write(
            json.dumps({"kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": []}).encode()
        )
    return response


async def follow(api):
    while True:
        async with watch.Watch() as watching:
            async for event in watching.stream(api.list_namespaced_pod, "default", resource_version="1"):
                phases[event["object"].metadata.name] = event["type"]


async def main():
    app = web.Application()
    app.router.add_get("/api/v1/namespaces/default/pods", pods)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    configuration = client.Configuration()
    configuration.host = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with client.ApiClient(configuration) as api:
        pod_api = client.CoreV1Api(api)  # imports much
        lifetime.ready()
        await follow(pod_api)


asyncio.run(main())
