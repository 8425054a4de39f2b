"""Patches, by the examples of their specifications."""

from typing import Any

import pytest

from repro.kube.patching import json_patch, merge, strategic_merge
from repro.kube.status import ApiError


@pytest.mark.parametrize(
    ("target", "patch", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": ["c", "d"]}, {"a": ["c", "d"]}),
        ({"a": {"b": "c", "d": 1}}, {"a": {"b": None, "e": 2}}, {"a": {"d": 1, "e": 2}}),
        ({"a": "foo"}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches(target: dict[str, Any], patch: dict[str, Any], expected: dict[str, Any]) -> None:
    """RFC 7386: nulls remove, objects merge, all else replaces."""
    assert merge(target, patch) == expected


def test_strategic_merge_patches_merge_lists_by_key() -> None:
    """Containers are merged by name; a directive deletes; orders are of no account."""
    target = {"spec": {"containers": [{"name": "a", "image": "1", "env": [{"name": "x"}]}, {"name": "b"}]}}
    patch = {
        "spec": {
            "$setElementOrder/containers": [{"name": "a"}],
            "containers": [{"name": "a", "image": "2"}, {"name": "b", "$patch": "delete"}, {"name": "c"}],
            "tolerations": [{"key": "k"}],
        }
    }
    containers = [{"name": "a", "image": "2", "env": [{"name": "x"}]}, {"name": "c"}]
    assert strategic_merge(target, patch) == {
        "spec": {"containers": containers, "tolerations": [{"key": "k"}]}
    }


def test_strategic_merge_patches_replace_where_told() -> None:
    """`$patch: replace` takes the place of what was there."""
    target = {"labels": {"a": "1"}, "env": [{"name": "x"}]}
    patch = {"labels": {"$patch": "replace", "b": "2"}, "env": [{"$patch": "replace"}, {"name": "y"}]}
    assert strategic_merge(target, patch) == {"labels": {"b": "2"}, "env": [{"name": "y"}]}


def test_json_patches() -> None:
    """RFC 6902: add, replace, remove, move, copy, test; the target stays as it is."""
    target = {"a": [1, 3], "b": {"c/d": 1}}
    operations: list[dict[str, Any]] = [
        {"op": "add", "path": "/a/1", "value": 2},
        {"op": "add", "path": "/a/-", "value": 4},
        {"op": "test", "path": "/a", "value": [1, 2, 3, 4]},
        {"op": "replace", "path": "/b/c~1d", "value": 5},
        {"op": "copy", "from": "/b", "path": "/e"},
        {"op": "move", "from": "/a", "path": "/f"},
        {"op": "remove", "path": "/b"},
    ]
    assert json_patch(target, operations) == {"e": {"c/d": 5}, "f": [1, 2, 3, 4]}
    assert target == {"a": [1, 3], "b": {"c/d": 1}}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/a", "value": 2},
        {"op": "replace", "path": "/b", "value": 2},
        {"op": "remove", "path": "/x/y"},
        {"op": "nosuch", "path": "/a"},
        {"path": "/a"},
        {"op": "add", "path": "a", "value": 1},
    ],
)
def test_json_patches_that_do_not_fit(operation: dict[str, Any]) -> None:
    """A patch that does not fit the object is 422."""
    with pytest.raises(ApiError) as caught:
        json_patch({"a": 1}, [operation])
    assert caught.value.code == 422
