"""The pod's fields."""

import importlib.resources

import msgspec
import pytest

from repro.kube.kinds import KINDS, manifest
from repro.kube.schema import check_fields
from repro.kube.status import ApiError


def test_the_schema_is_the_clients() -> None:
    """The file holds what the official client's models say today."""
    from repro.kube.schema_source import derive

    data = (importlib.resources.files("repro.kube") / "pod_schema.json").read_bytes()
    assert msgspec.json.decode(data) == derive()


def test_unknown_fields_are_found_and_left_out() -> None:
    """Unknown fields are named by their paths."""
    pod = manifest("succeeded", "x")
    pod["spec"]["containers"][0] |= {"imge": "x", "env": [{"name": "a", "vale": "b"}]}
    checked = check_fields({**pod, "foo": 1}, "Pod")
    assert checked.unknown == ["spec.containers[0].imge", "spec.containers[0].env[0].vale", "foo"]
    assert checked.value["spec"]["containers"][0]["env"] == [{"name": "a"}]


def test_all_manifests_are_known() -> None:
    """Our own manifests have no unknown field."""
    assert [check_fields(manifest(kind, "x"), "Pod").unknown for kind in KINDS] == [[]] * len(KINDS)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"containers": "x"}, "cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container"),
        ({"hostNetwork": 1}, "cannot unmarshal number into Go struct field PodSpec.spec.hostNetwork of type bool"),
        ({"priority": True}, "cannot unmarshal bool into Go struct field PodSpec.spec.priority of type int32"),
        ({"nodeSelector": {"a": 1}}, "cannot unmarshal number into Go struct field PodSpec.spec.nodeSelector of type string"),
    ],
)  # fmt: skip
def test_wrong_types(spec: dict[str, object], message: str) -> None:
    """A value of the wrong type is refused in Go's words."""
    with pytest.raises(ApiError, match=message.replace("[", "\\[")):
        check_fields({"spec": spec}, "Pod")


def test_quantities_may_be_numbers() -> None:
    """An amount of a resource may be given as a bare number."""
    container = {"name": "a", "resources": {"limits": {"cpu": 2}}}
    assert check_fields({"spec": {"containers": [container]}}, "Pod").unknown == []
