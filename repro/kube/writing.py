"""Writing objects: create and delete."""

import json
import random
from typing import Any

import yaml
from aiohttp import web

from repro.kube import nodes, pods, resources, status
from repro.kube.answers import answer
from repro.kube.listing import selection
from repro.kube.objects import Json, key_of, metadata, timestamp
from repro.kube.reading import resource_of
from repro.kube.resources import Resource
from repro.kube.status import bad_request, no_such_path, not_found
from repro.kube.store import Store

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX_LENGTH = 5


async def body_of(request: web.Request) -> Json:
    """Give the object in a request's body, JSON or YAML; empty where there is no body.

    Raises:
        ApiError: 400, it is neither; 415, it is protobuf.
    """
    data = await request.read()
    if not data.strip():
        return {}
    if "protobuf" in request.content_type:
        raise status.ApiError(
            415,
            "the body of the request was in an unknown format - accepted media types include: application/json, "
            "application/yaml",
            reason="UnsupportedMediaType",
            details={},
        )
    try:
        value = yaml.safe_load(data) if "yaml" in request.content_type else json.loads(data)
    except (ValueError, yaml.YAMLError) as error:
        raise bad_request(f"couldn't parse the body: {error}") from None
    if not isinstance(value, dict):
        raise bad_request("couldn't get version/kind; json parse error: the body is no object")
    return value


class Writer:
    """Answers requests that create and delete."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to create an object."""
        resource = resource_of(request)
        value = await body_of(request)
        if "create" not in resource.verbs:
            raise web.HTTPMethodNotAllowed(request.method, ["GET"])
        return answer(request, self.add(resource, value, request.match_info.get("namespace", "")), code=201)

    def add(self, resource: Resource, value: Json, namespace: str) -> Json:
        """Check an object, fill it in and store it."""
        meta = dict(metadata(value))
        if resource.namespaced:
            if meta.setdefault("namespace", namespace) != namespace:
                raise bad_request(
                    "the namespace of the provided object does not match the namespace sent on the request"
                )
            if self._store.get("namespaces", ("", namespace)) is None:
                raise not_found("namespaces", namespace)
        if not meta.get("name") and meta.get("generateName"):
            suffix = "".join(random.choices(_SUFFIX_LETTERS, k=_SUFFIX_LENGTH))  # noqa: S311 - a name, no secret
            meta["name"] = meta["generateName"] + suffix
        meta.pop("creationTimestamp", None)
        value = {**value, "metadata": meta}
        if resource is resources.PODS:
            value.setdefault("spec", {})
            pods.check(value)
            value = pods.with_defaults(value)
        else:
            value = nodes.namespace(meta["name"])
        if self._store.get(resource.plural, key_of(value)) is not None:
            raise status.already_exists(resource.plural, meta["name"])
        return self._store.create(resource.plural, value)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to delete an object."""
        resource, name = resource_of(request), request.match_info["name"]
        options = await body_of(request)
        key = (request.match_info.get("namespace", ""), name)
        value = self._store.get(resource.plural, key)
        if value is None:
            raise not_found(resource.plural, name)
        return answer(request, self.remove(resource, value, _grace(request, options)))

    async def delete_many(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to delete all objects of a selection."""
        resource, namespace = resource_of(request), request.match_info.get("namespace")
        if "deletecollection" not in resource.verbs:
            raise no_such_path()
        grace = _grace(request, await body_of(request))
        test = selection(resource, request.query)
        items = [value for value in self._store.all(resource.plural, namespace) if test(value)]
        removed = [self.remove(resource, value, grace) for value in items]
        meta = {"resourceVersion": str(self._store.version)}
        return answer(
            request, {"kind": f"{resource.kind}List", "apiVersion": "v1", "metadata": meta, "items": removed}
        )

    def remove(self, resource: Resource, value: Json, grace: int | None) -> Json:
        """Delete an object; a pod on a node is only marked, and its kubelet does the rest."""
        if resource is not resources.PODS or not value["spec"].get("nodeName"):
            return self._store.delete(resource.plural, key_of(value))
        if grace is None:
            grace = value["spec"]["terminationGracePeriodSeconds"]
        if grace == 0 or value["spec"]["nodeName"] != nodes.NODE:
            return self._store.delete("pods", key_of(value))
        if value["status"]["phase"] in {"Succeeded", "Failed"}:
            grace = 0
        meta = metadata(value)
        if grace >= meta.get("deletionGracePeriodSeconds", grace + 1):
            return value
        leaving = {
            **meta,
            "deletionTimestamp": timestamp(self._store.clock() + grace),
            "deletionGracePeriodSeconds": grace,
        }
        return self._store.replace("pods", {**value, "metadata": leaving})


def _grace(request: web.Request, options: dict[str, Any]) -> int | None:
    found = options.get("gracePeriodSeconds", request.query.get("gracePeriodSeconds"))
    return None if found is None else int(found)
