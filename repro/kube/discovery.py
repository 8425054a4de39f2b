"""What a client asks first: version, groups, resources, and the OpenAPI document that `kubectl create` needs.

This is discovery as it was before it was aggregated: every `kubectl` understands it.
"""

import platform

from repro.kube import resources
from repro.kube.nodes import VERSION
from repro.kube.objects import Json

OPENAPI_PATH = "/openapi/v3/api/v1"


def version() -> Json:
    """Answer /version."""
    major, minor, _ = VERSION.removeprefix("v").split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": VERSION,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": platform.python_implementation(),
        "platform": "linux/amd64",
    }


def api_versions(address: str) -> Json:
    """Answer /api; `address` is where the server is reached."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def api_groups() -> Json:
    """Answer /apis: there is none beside the core group."""
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": []}


def api_resources() -> Json:
    """Answer /api/v1."""
    log = {"name": "pods/log", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]}
    status = {"name": "pods/status", "singularName": "", "namespaced": True, "kind": "Pod", "verbs": ["get"]}
    entries = [resource.discovery for resource in resources.ALL] + [log, status]
    return {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": sorted(entries, key=lambda entry: str(entry["name"])),
    }


def openapi_index() -> Json:
    """Answer /openapi/v3."""
    return {"paths": {"api/v1": {"serverRelativeURL": f"{OPENAPI_PATH}?hash=1"}}}


def openapi() -> Json:
    """Answer the core group's document: that a PATCH takes fieldValidation and dryRun.

    `kubectl` looks at nothing else, and leaves validation to the server then.
    """
    parameters = [
        {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for name in ("dryRun", "fieldManager", "fieldValidation")
    ]
    paths: Json = {}
    for resource in resources.ALL:
        inner = "namespaces/{namespace}/" if resource.namespaced else ""
        paths[f"/api/v1/{inner}{resource.plural}/{{name}}"] = {
            "patch": {
                "operationId": f"patchCoreV1{resource.kind}",
                "parameters": parameters,
                "responses": {"200": {"description": "OK"}},
                "x-kubernetes-action": "patch",
                "x-kubernetes-group-version-kind": {"group": "", "version": "v1", "kind": resource.kind},
            }
        }
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": VERSION},
        "paths": paths,
        "components": {"schemas": {}},
    }
