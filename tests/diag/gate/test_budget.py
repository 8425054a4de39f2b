"""The budget file: its grammar, and what it is refused for."""

import random
from pathlib import Path

import pytest

from diag.errors import HotloopError
from diag.gate import budget
from diag.gate.budget import Budget
from diag.gate.samples import Subject

WHOLE = """
[run]
command = "repro run -o {output}"
runs = 7

[succeeded.hardened]
lines_lost = 0
cores_max = 0.05   # as the report has it
verdicts = ["healthy"]

[[failed.hardened]]
views = 20
lines_received_min = 400

[[failed.hardened]]
workers = 25
demand_max = 2

[record."worker.py"]
rss_mb_max = 100

[benchmark."test_view[hardened]"]
queries = 3
"""


def read(text: str, folder: Path) -> Budget:
    """Read a budget's text."""
    file = folder / "gate.toml"
    file.write_text(text)
    return budget.read(file)


def test_a_budget_is_read(tmp_path: Path) -> None:
    """Tables, selectors, bounds, the command; each limit knows its line."""
    found = read(WHOLE, tmp_path)
    assert (found.command, found.runs) == (("repro", "run", "-o", "{output}"), 7)
    first, second, third, record, benchmark = found.tables
    assert [(limit.rule, limit.line) for limit in first.limits] == [
        ("lines_lost = 0", 7), ("cores_max = 0.05", 8), ("verdicts = [healthy]", 9),
    ]  # fmt: skip
    assert (second.views, second.workers, second.limits[0].line) == (20, None, 13)
    assert (third.views, third.workers, third.limits[0].line) == (None, 25, 17)
    assert record.title == '[record."worker.py"]'
    assert benchmark.limits[0].rule == "queries = 3"


def test_tables_pick_subjects() -> None:
    """By names, of which * is any, and by views and workers where they are told."""
    subject = Subject(source="run", path=("succeeded", "hardened"), views=20, workers=1)

    def picks(tables: dict[str, object]) -> bool:
        return budget.parse(tables, "g").tables[0].picks(subject)

    limit = {"cores_max": 1}
    assert picks({"succeeded": {"hardened": limit}})
    assert picks({"*": {"hardened": limit}})
    assert picks({"succeeded": {"*": limit | {"views": 20}}})
    assert not picks({"succeeded": {"hardened": limit | {"views": 1}}})
    assert not picks({"succeeded": {"hardened": limit | {"workers": 2}}})
    assert not picks({"failed": {"hardened": limit}})
    assert not picks({"record": {"*": limit}})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("# nothing\n", "is empty"),
        ("[run]\n", "holds no limit"),
        ("cores_max = 1", "cores_max has to be a table of tables"),
        ("[succeeded]\ncores_max = 1", "succeeded.cores_max stands for no table"),
        ("[succeeded.hardened]", "holds no limit"),
        ("[succeeded.hardened]\nviews = 20", "holds no limit"),
        ("[succeeded.hardened]\ncore_max = 1", "Did you mean 'cores_max'"),
        ("[succeeded.hardened]\nzzz = 1", "There are cores, "),
        ("[succeeded.hardened]\ncores = 1", "write cores_max"),
        ('[succeeded.hardened]\ncores_max = "1"', "has to be a number, not '1'"),
        ("[succeeded.hardened]\ncores_max = true", "has to be a number, not True"),
        ("[succeeded.hardened]\ncores_max = nan", "has to be a number"),
        ("[succeeded.hardened]\nviews = 0\ncores_max = 1", "views has to be a whole number"),
        ("[succeeded.hardened]\ncores_max = 1\ncores_min = 2", "leave no value"),
        ("[succeeded.hardened]\nverdicts = []", "verdicts has to be a list"),
        ('[succeeded.hardened]\nverdicts = ["helthy"]', "Did you mean 'healthy'"),
        ('[succeeded.hardened]\nverdicts = ["unknown"]', "no verdict is called 'unknown'"),
        ("[record.x]\nlines_lost = 0", "has no 'lines_lost'"),
        ("[run]\ncomand = 1", "Did you mean 'command'"),
        ("[run]\ncommand = 1", "has to be a list of words"),
        ('[run]\ncommand = "a \' b"', "cannot be split"),
        ('[run]\ncommand = ["a"]\nruns = 0', "runs has to be a whole number"),
        ("[a", "is no TOML"),
    ],
)
def test_what_is_wrong_is_told(text: str, said: str, tmp_path: Path) -> None:
    """The file, the place, and what to write."""
    with pytest.raises(HotloopError) as error:
        read(text, tmp_path)
    assert said in str(error.value)
    assert "gate.toml" in str(error.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Not there, or no text."""
    with pytest.raises(HotloopError, match="cannot be read"):
        budget.read(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(HotloopError, match="no text in UTF-8"):
        budget.read(tmp_path / "bytes.toml")


def test_a_budget_is_found(tmp_path: Path) -> None:
    """gate.toml first, then pyproject.toml; neither is none."""
    assert budget.find(tmp_path) is None
    project = tmp_path / "pyproject.toml"
    project.write_text("[project]\nname = 'x'\n")
    assert budget.find(tmp_path) is None
    project.write_text("[tool.hotloop.gate.succeeded.hardened]\nlines_lost = 0\n")
    found = budget.find(tmp_path)
    assert found is not None
    assert (found.file, found.tables[0].limits[0].line) == (str(project), 2)
    (tmp_path / "gate.toml").write_text("[failed.hardened]\nlines_lost = 0\n")
    found = budget.find(tmp_path)
    assert found is not None
    assert found.tables[0].path == ("failed", "hardened")


def test_a_budget_of_anything_is_read_or_refused(tmp_path: Path) -> None:
    """Whatever is cut out of, put into or doubled in a budget: no other failure than a sentence."""
    chance = random.Random(11)  # noqa: S311 - no secret
    pieces = [
        "[",
        "]",
        "=",
        '"',
        "\n",
        "0",
        "1e999",
        "true",
        "[]",
        "{}",
        "nan",
        ".",
        "*",
        "_max",
        "[[a.b]]\n",
        "\x00",
        "é",
    ]
    read_ones = 0
    for _ in range(1500):
        text = WHOLE
        for _ in range(chance.randint(1, 4)):
            start = chance.randrange(len(text))
            end = min(len(text), start + chance.randint(0, 12))
            text = text[:start] + chance.choice([*pieces, text[start:end] * 2]) + text[end:]
        try:
            read(text, tmp_path)
            read_ones += 1
        except HotloopError:
            continue
    assert read_ones
