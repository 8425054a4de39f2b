"""The documents say what is there: commands, causes, evidence, the JSON, and links that lead somewhere."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

import diag.commands
import repro.commands
from diag.causes.catalogue import CATALOGUE
from diag.findings import Diagnosis
from diag.gate.figures import RECORD, RUN, Figure

ROOT = Path(__file__).parents[1]
CAUSES = ROOT / "docs" / "causes"
PAGES = (*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md")))


def title(page: Path) -> str:
    """Give a page's first line."""
    return page.read_text().partition("\n")[0]


def anchors(page: Path) -> set[str]:
    """Give the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterable[tuple[Path, str]]:
    """Give what a page links to in the project: the file, and the anchor or ""."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(), flags=re.DOTALL)
    for found in re.findall(r"\]\(([^)\s]+)\)", text):
        if not found.startswith(("http:", "https:")):
            file, _, anchor = found.partition("#")
            yield (page.parent / file if file else page), anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """The file is there, and so is the heading."""
    for file, anchor in links(page):
        assert file.exists(), f"{file} is not there"
        assert not anchor or anchor in anchors(file), f"{file.name} has no heading #{anchor}"


def test_every_cause_has_its_row_and_page() -> None:
    """The table has the catalogue's codes, names and summaries in their order, and each page its title."""
    rows = re.findall(
        r"^\| \[(HL\d+)\]\((.*?)\) \| (.*?) \| (.*?) \|$", (CAUSES / "README.md").read_text(), re.MULTILINE
    )
    assert rows == [(cause.code, f"{cause.code}.md", cause.name, cause.summary) for cause in CATALOGUE]
    assert {page.name: title(page) for page in CAUSES.glob("HL*.md")} == {
        f"{cause.code}.md": f"# {cause.code} {cause.name}" for cause in CATALOGUE
    }


def test_the_readme_has_every_command() -> None:
    """Each of both programs is in its table."""
    told = set(re.findall(r"`((?:diag|repro) \w+)`", (ROOT / "README.md").read_text()))
    commands = {f"diag {name}" for name in diag.commands.SUMMARIES} | {
        f"repro {name}" for name in repro.commands.SUMMARIES
    }
    assert commands <= told


def test_every_kind_of_evidence_is_explained() -> None:
    """What the code calls a fact is in the table of them."""
    page = (ROOT / "docs" / "diagnosis.md").read_text()
    sources = [
        file.read_text()
        for folder in ("evidence", "verdicts")
        for file in (ROOT / "diag" / folder).glob("*.py")
    ]
    kinds = set(re.findall(r'kind="([^"]+)"', "\n".join(sources))) | {
        "no-voluntary-switches",
        "voluntary-switches",
    }
    assert {kind for kind in kinds if f"`{kind}`" not in page} == set()


def test_the_json_shown_is_an_answer() -> None:
    """Without its comments it is a diagnosis, and has all keys that one has."""
    shown = re.search(r"```jsonc\n(.*?)```", (ROOT / "docs" / "diagnosis.md").read_text(), re.DOTALL)
    assert shown
    answer = json.loads(re.sub(r"\s+//.*$", "", shown[1], flags=re.MULTILINE))
    read = msgspec.convert(answer, Diagnosis)
    whole = msgspec.to_builtins(read)
    assert answer.keys() == whole.keys()
    for part in ("culprit", "tasks", "quality"):
        assert answer[part].keys() == whole[part].keys()
    for part in ("causes", "evidence", "details"):
        assert answer[part][0].keys() == whole[part][0].keys()


@pytest.mark.parametrize("figure", [*RUN, *RECORD], ids=lambda figure: figure.name)
def test_every_figure_of_the_gate_is_in_its_table(figure: Figure) -> None:
    """With what it is, its kind and its floor."""
    floor = (
        f", floor {figure.floor:g}{f' {figure.unit}' if figure.unit else ''}"
        if figure.kind == "measured"
        else ""
    )
    less = ", less is worse" if figure.worse == "less" else ""
    row = f"| `{figure.name}` | {figure.noun} | {figure.kind}{floor}{less} |"
    assert row in (ROOT / "docs" / "gate.md").read_text()
