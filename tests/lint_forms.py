"""Source to be judged by the rule: faulty forms and correct idioms, written as people write."""

from collections.abc import Iterator
from pathlib import Path

FORMS = Path(__file__).parent / "diag" / "lint" / "forms"
FAULTY = tuple(sorted((FORMS / "faulty").glob("*.py")))
CORRECT = tuple(sorted((FORMS / "correct").glob("*.py")))
MARK = "# fault"
"""Ends each line at fault."""


def marked(path: Path) -> list[int]:
    """Give the lines at fault of a file of forms."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if line.endswith(MARK)]


def forms() -> Iterator[Path]:
    """Give all files of forms."""
    yield from FAULTY
    yield from CORRECT
