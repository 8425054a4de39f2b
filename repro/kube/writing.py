"""Writing objects: create, replace, patch and apply."""

from collections.abc import Callable, Collection
from typing import Any

from aiohttp import web

from repro.kube import admission, patching, status
from repro.kube.admission import Admitted, FieldValidation
from repro.kube.answers import answer
from repro.kube.bodies import any_body, object_of
from repro.kube.objects import Json, metadata, timestamp
from repro.kube.reading import resource_of
from repro.kube.resources import Resource
from repro.kube.status import bad_request, not_found
from repro.kube.store import Store

_PATCHES: dict[str, Callable[[Json, Any], Json]] = {
    "application/merge-patch+json": patching.merge,
    "application/strategic-merge-patch+json": patching.strategic_merge,
    "application/apply-patch+yaml": patching.strategic_merge,
    "application/json-patch+json": patching.json_patch,
}
_APPLY = "application/apply-patch+yaml"


class Writer:
    """Answers requests that create and change objects."""

    def __init__(self, store: Store, kinds: Collection[str]) -> None:
        self._store = store
        self._kinds = kinds

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to create an object."""
        resource = allowed(request, "create")
        namespace = request.match_info.get("namespace", "")
        return self._create(request, resource, await object_of(request, resource), namespace)

    def add(self, resource: Resource, value: Json, namespace: str) -> Json:
        """Check an object, fill it in and store it."""
        return self._store.create(
            resource.plural, admission.admit(self._store, resource, value, namespace, self._kinds)
        )

    async def replace(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to put an object in the stead of another."""
        resource = allowed(request, "update")
        value = await object_of(request, resource)
        return self._update(request, resource, self._found(request, resource), value)

    async def patch(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to change parts of an object; apply creates what is not there."""
        resource = allowed(request, "patch")
        apply = _PATCHES.get(request.content_type)
        if apply is None:
            message = "415: Unsupported Media Type"
            raise status.ApiError(415, message, reason="UnsupportedMediaType", details={})
        change = await any_body(request)
        if isinstance(change, dict) is (apply is patching.json_patch):
            raise bad_request(f"the body is no {request.content_type}")
        key = request.match_info.get("namespace", ""), request.match_info["name"]
        if request.content_type == _APPLY and self._store.get(resource.plural, key) is None:
            named = {**change, "metadata": {"name": key[1], **metadata(change)}}
            return self._create(request, resource, named, key[0])
        old = self._found(request, resource)
        return self._update(request, resource, old, apply(old, change))

    def _found(self, request: web.Request, resource: Resource) -> Json:
        name = request.match_info["name"]
        value = self._store.get(resource.plural, (request.match_info.get("namespace", ""), name))
        if value is None:
            raise not_found(resource.plural, name)
        return value

    def _create(
        self, request: web.Request, resource: Resource, value: Json, namespace: str
    ) -> web.StreamResponse:
        known = admission.known_fields(resource, value, _validation(request))
        admitted = admission.admit(self._store, resource, known.value, namespace, self._kinds)
        if is_dry_run(request):
            now = timestamp(self._store.clock())
            stored = {**admitted, "metadata": {**metadata(admitted), "creationTimestamp": now}}
        else:
            stored = self._store.create(resource.plural, admitted)
        return _answer(request, Admitted(stored, known.warnings), code=201)

    def _update(self, request: web.Request, resource: Resource, old: Json, new: Json) -> web.StreamResponse:
        known = admission.known_fields(resource, new, _validation(request))
        updated = admission.update(resource, old, known.value, self._kinds)
        if not is_dry_run(request):
            updated = self._store.replace(resource.plural, updated)
        return _answer(request, Admitted(updated, known.warnings), code=200)


def allowed(request: web.Request, verb: str) -> Resource:
    """Give the resource of a request.

    Raises:
        ApiError: 404, there is none such; 405, it does not know the verb.
    """
    resource = resource_of(request)
    if verb not in resource.verbs:
        raise status.method_not_allowed()
    return resource


def is_dry_run(request: web.Request) -> bool:
    """Say whether a request is only to be tried."""
    return request.query.get("dryRun") == "All"


def _validation(request: web.Request) -> FieldValidation:
    value = request.query.get("fieldValidation") or "Warn"
    match value:
        case "Ignore" | "Warn" | "Strict":
            return value
    error = status.unsupported("fieldValidation", value, ("", "Ignore", "Strict", "Warn"))
    raise status.invalid("CreateOptions", "", [error])


def _answer(request: web.Request, admitted: Admitted, *, code: int) -> web.StreamResponse:
    response = answer(request, admitted.value, code=code)
    for warning in admitted.warnings:
        text = warning.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{text}"')
    return response
