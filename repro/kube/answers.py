"""How answers are written: compact or indented JSON, the server's headers, failures as Status objects."""

import logging
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from repro.kube import params
from repro.kube.metrics import Metrics
from repro.kube.objects import encode, encode_pretty
from repro.kube.status import ApiError, method_not_allowed, no_such_path

_READ_BY_PEOPLE = ("curl/", "Wget/", "Mozilla/")
_LOG = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(request: web.Request, value: object, *, code: int = 200) -> web.Response:
    """Give a JSON answer: indented for those who read it themselves, or as `?pretty` says."""
    pretty = request.headers.get("User-Agent", "").startswith(_READ_BY_PEOPLE)
    if "pretty" in request.query:
        pretty = params.boolean(request.query, "pretty")
    body = encode_pretty(value) if pretty else encode(value)
    return web.Response(status=code, body=body, headers={"Content-Type": "application/json"})


def _no_such_page(request: web.Request) -> web.Response:
    """Give a Status within the API, a line of text elsewhere."""
    if request.path.startswith("/api/v1/"):
        error = no_such_path()
        return answer(request, error.status, code=error.code)
    return web.Response(
        status=404, body=b"404 page not found\n", headers={"Content-Type": "text/plain; charset=utf-8"}
    )


async def set_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Give an answer the headers that the server's have, and none that they have not."""
    response.headers["Audit-Id"] = str(uuid.uuid4())
    response.headers.setdefault("Cache-Control", "no-cache, private")
    response.headers.pop("Server", None)
    if response.status == web.HTTPNoContent.status_code:
        response.headers.pop("Content-Type", None)


def failures_as_status(metrics: Metrics) -> Middleware:
    """Give the middleware that turns failures into Status objects and counts requests."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except ApiError as error:
            response = answer(request, error.status, code=error.code)
            if "retryAfterSeconds" in error.status.get("details", {}):
                response.headers["Retry-After"] = str(error.status["details"]["retryAfterSeconds"])
        except web.HTTPNotFound:
            response = _no_such_page(request)
        except web.HTTPMethodNotAllowed:
            response = answer(request, method_not_allowed().status, code=405)
        metrics.requests.labels(request.method, response.status).inc()
        return response

    return middleware
