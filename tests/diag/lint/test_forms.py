"""The rule on source as people write it."""

import ast
from pathlib import Path

import lint_forms
import pytest

from diag.lint.checking import File, check, check_bytes
from diag.lint.rules import RULES
from diag.source import parse


def reported(path: Path, *, filtered: bool = True) -> list[int]:
    """Give the lines that are reported in a file."""
    checked = check_bytes(path.read_bytes(), File(path, path.name), RULES, filtered=filtered)
    assert not checked.problems
    return [one.place.line for one in checked.findings]


@pytest.mark.parametrize("path", lint_forms.FAULTY, ids=lambda path: path.stem)
def test_faulty_forms_are_found_where_they_are_marked(path: Path) -> None:
    """Each fault is reported at its line, and nothing else is."""
    assert reported(path) == lint_forms.marked(path)


@pytest.mark.parametrize("path", lint_forms.CORRECT, ids=lambda path: path.stem)
def test_correct_idioms_are_silent(path: Path) -> None:
    """Nothing is reported."""
    assert reported(path) == []


@pytest.mark.parametrize("path", list(lint_forms.forms()), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_look_at_the_text_loses_nothing(path: Path) -> None:
    """Without it, every file and every function of it by itself has the same reports."""
    module = parse(path.read_text())
    assert module is not None
    assert reported(path) == reported(path, filtered=False)
    for function in module.functions:
        if isinstance(function.node, ast.Module):
            continue
        alone = "\n".join(module.lines[function.node.lineno - 1 : function.node.end_lineno]).encode()
        text = b"if True:\n" + alone if alone.startswith(b" ") else alone
        file = File(path, path.name)
        assert check_bytes(text, file, RULES) == check_bytes(text, file, RULES, filtered=False)


def test_there_are_enough_of_them() -> None:
    """As many faulty forms and correct idioms as the documentation says."""
    functions = {
        kind: sum(path.read_text().count("def ") for path in paths)
        for kind, paths in (("faulty", lint_forms.FAULTY), ("correct", lint_forms.CORRECT))
    }
    assert functions["faulty"] >= 60
    assert functions["correct"] >= 80


@pytest.mark.parametrize(
    ("name", "lines"), [("buggy", 1), ("frozen", 1), ("published", 0), ("hardened", 0), ("half_fixed", 0)]
)
def test_the_variants_of_the_log_service(name: str, lines: int) -> None:
    """Both faulty readers are found at their `break`, the repaired ones are not."""
    path = Path(__file__).parents[3] / "repro" / "server" / "variants" / f"{name}.py"
    checked = check(File(path, path.name), RULES)
    assert [one.source[-1][1].strip() for one in checked.findings] == ["break"] * lines
