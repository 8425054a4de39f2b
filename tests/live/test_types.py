"""Live tests: the objects of real processes by type, on every interpreter that is found."""

import json
import subprocess
import sys

import pytest
from live.interpreters import found
from live.started import started

from diag.cli import run
from diag.collectors.types import count
from diag.errors import HotloopError

OTHERS = 0.1
"""Objects of the interpreter itself, as a share of those of the target: in Python's own modules are some strings."""

DICTS_OF_INSTANCES = 50_000
"""Up to 3.10 every instance of a class has a dict, which 3.11 only makes when asked for it."""


@pytest.mark.parametrize("version", found())
def test_the_objects_of_a_process(version: str) -> None:
    """Those of classes are counted exactly, those of built-in types with what the interpreter keeps; no freed ones."""
    with started(found()[version], "objects.py") as target:
        counted = {row.type: row.count for row in count(target.pid)}
        made = dict(target.said)
    for name in [name for name in made if name.startswith("__main__.")]:
        assert counted[name] == made.pop(name)
    if int(version.partition(".")[2]) <= 10:
        made["dict"] += DICTS_OF_INSTANCES
    for name, number in made.items():
        assert number <= counted[name] <= number * (1 + OTHERS) + 5_000


def test_a_process_that_is_not_python() -> None:
    """A shell tool is refused in a sentence."""
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as process:
        try:
            with pytest.raises(HotloopError, match="not a CPython process"):
                count(process.pid)
        finally:
            process.kill()


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the table, or a line of JSON."""
    with started(sys.executable, "objects.py") as target:
        assert run("diag", ["census", str(target.pid), "--by", "type"]) == 0
        table = capsys.readouterr().out
        assert run("diag", ["census", str(target.pid), "--by", "type", "--format", "json"]) == 0
        document = json.loads(capsys.readouterr().out)
    assert "__main__.Leak" in table
    assert document["types"]["__main__.Leak"] == 50_000
