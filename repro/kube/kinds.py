"""The kinds of pods, by how their logs begin and end.

Each is a pod specification whose containers have a script. The manifest of a kind carries the label
`hotloop/kind` and, as the containers' command, the script as shell: the embedded API plays it, and a real
cluster runs it and gets the same log.
"""

import types
from collections.abc import Mapping

import msgspec

from repro.kube.logbuffer import STDERR
from repro.kube.objects import Json
from repro.kube.script import Script, Text

KIND_LABEL = "hotloop/kind"
"""The label that names a pod's kind."""

NO_SUCH_IMAGE = "localhost:1/no-such-image:1"
"""An image that no registry gives out: nothing listens on port 1."""

LONG_LINE = 5_000_000
"""Bytes of the long line: more than the 4 MiB that the asyncio client reads of a line."""

MIDDLING_LINE = 70_000
"""Bytes of the other long line: more than the 64 KiB that many readers allow."""

LINES = 20
"""Lines of a finished pod's log."""

_NO_SCRIPTS: Mapping[str, Script] = types.MappingProxyType({})


class Kind(msgspec.Struct, frozen=True):
    """A kind of pod."""

    name: str
    summary: str
    """One line for a list: what its log does."""
    containers: Mapping[str, Script]
    init_containers: Mapping[str, Script] = _NO_SCRIPTS
    restart_policy: str = "Never"
    image: str | None = None
    """Instead of the image asked for."""
    node_selector: Mapping[str, str] | None = None

    def script(self, container: str) -> Script | None:
        """Give the script of a container by its name."""
        return self.containers.get(container) or self.init_containers.get(container)


_QUIET = Script(count=None, rate=1)
_AT_ONCE = Script(count=LINES)

_ALL = (
    Kind("running", "a line a second, for ever", {"main": _QUIET}, restart_policy="Always"),
    Kind(
        "chatty",
        "100 lines a second, for ever",
        {"main": Script(count=None, rate=100)},
        restart_policy="Always",
    ),
    Kind("succeeded", "20 lines at once, then exit code 0", {"main": _AT_ONCE}),
    Kind("failed", "20 lines at once, then exit code 3", {"main": Script(count=LINES, exit_code=3)}),
    Kind(
        "crash-looping",
        "20 lines at once, then exit code 1, again and again",
        {"main": Script(count=LINES, exit_code=1)},
        restart_policy="Always",
    ),
    Kind("finishing", "2 lines a second for 5 seconds, then exit code 0", {"main": Script(count=10, rate=2)}),
    Kind("silent", "nothing at all, then exit code 0", {"main": Script()}),
    Kind(
        "no-newline",
        "a last line without its newline",
        {"main": Script((Text("line 1\\nline 2\\nline 3 without a newline"),))},
    ),
    Kind(
        "blank-lines",
        "blank lines before, between and after the others",
        {"main": Script((Text("\\nline 1\\n\\n\\nline 2\\n \\n\\t\\nline 3\\n\\n"),))},
    ),
    Kind(
        "json-lines",
        "a JSON object a line, the last like an event of the API",
        {
            "main": Script(
                (
                    *(Text(f'{{"level": "info", "message": "line {n}"}}\\n') for n in range(1, LINES)),
                    Text('{"type": "ADDED", "object": {"kind": "line 20"}}\\n'),
                )
            )
        },
    ),
    Kind("bare-numbers", "a bare number a line", {"main": Script(pattern="{}", count=LINES)}),
    Kind(
        "undecodable",
        "bytes that are not UTF-8, cut-off ones, a zero byte",
        {
            "main": Script(
                (
                    Text("line 1 \\377\\376 not UTF-8\\n"),
                    Text("line 2 \\303\\n"),
                    Text("line 3 \\342\\202\\n", STDERR),
                    Text("line 4 \\000 zero\\n"),
                    Text("line 5 \\303\\251\\n"),
                )
            )
        },
    ),
    Kind(
        "long-lines",
        "lines of 70,000 and 5,000,000 bytes",
        {
            "main": Script(
                (
                    Text("line 1\\n"),
                    Text("line 2", width=MIDDLING_LINE),
                    Text("line 3", width=LONG_LINE),
                    Text("line 4\\n"),
                )
            )
        },
    ),
    Kind(
        "init-containers",
        "two init containers that finish, then one that runs",
        {"main": _QUIET},
        init_containers={"fetch": Script(count=5), "migrate": Script(count=3, rate=2)},
        restart_policy="Always",
    ),
    Kind(
        "several-containers",
        "one runs, one has finished, one writes to standard error",
        {
            "app": _QUIET,
            "once": _AT_ONCE,
            "errors": Script(tuple(Text(f"line {n}\\n", STDERR) for n in range(1, 6)), linger=86_400),
        },
    ),
    Kind(
        "image-waiting",
        "none: its image cannot be had",
        {"main": Script()},
        image=NO_SUCH_IMAGE,
    ),
    Kind(
        "unscheduled",
        "none: no node fits it",
        {"main": _AT_ONCE},
        node_selector={"hotloop/nowhere": "true"},
    ),
)

KINDS: Mapping[str, Kind] = types.MappingProxyType({kind.name: kind for kind in _ALL})
"""Every kind by its name."""

DEFAULT_KIND = KINDS["running"]
"""What a pod plays whose command says nothing."""


def manifest(  # noqa: PLR0913 - the parts of a manifest
    kind: str,
    name: str,
    *,
    namespace: str = "default",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    image: str = "busybox:1",
) -> Json:
    """Give the manifest of a pod of a kind, for the embedded API and a real cluster alike.

    Args:
        kind: one of `KINDS`.
        name: the pod's name.
        namespace: where it goes.
        labels: beside `hotloop/kind`.
        annotations: knobs (`hotloop/lines`, `hotloop/lines-per-second`, `hotloop/line-bytes`), which the
            containers' commands follow as well, `hotloop/fault`, and any others.
        image: one that has busybox's `sh`, `printf` and `sleep`.

    Raises:
        KeyError: there is no such kind.
        ValueError: a knob's value is no positive number.
    """
    found = KINDS[kind]
    meta: Json = {"name": name, "namespace": namespace, "labels": {KIND_LABEL: kind, **(labels or {})}}
    if annotations:
        meta["annotations"] = dict(annotations)

    def containers(scripts: Mapping[str, Script]) -> list[Json]:
        return [
            {
                "name": container,
                "image": found.image or image,
                "command": ["/bin/sh", "-c", script.tuned(annotations or {}).shell],
            }
            for container, script in scripts.items()
        ]

    spec: Json = {"restartPolicy": found.restart_policy, "terminationGracePeriodSeconds": 2}
    if found.init_containers:
        spec["initContainers"] = containers(found.init_containers)
    spec["containers"] = containers(found.containers)
    if found.node_selector:
        spec["nodeSelector"] = dict(found.node_selector)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}
