"""The planted faults: each changes the hardened view, and is Python."""

import ast
from pathlib import Path

import pytest

from benchmarks.plants import HARDENED, PLANTS, ROOT, STARTING, planted


@pytest.mark.parametrize("name", PLANTS)
def test_a_fault_is_a_change_that_compiles(name: str) -> None:
    """The place that it changes is still there, and what comes out differs from what is there."""
    source = (ROOT / HARDENED).read_text()
    faulty = PLANTS[name](source)
    assert faulty != source
    ast.parse(faulty)


def test_a_planted_tree_is_a_copy_with_the_fault(tmp_path: Path) -> None:
    """Only the view differs, and which view the server shows itself while it starts."""
    tree = planted("line-lost", tmp_path)
    assert (tree / HARDENED).read_text() == PLANTS["line-lost"]((ROOT / HARDENED).read_text())
    assert "/logs/published/" in (tree / STARTING).read_text()
    assert (tree / "diag" / "cli.py").read_text() == (ROOT / "diag" / "cli.py").read_text()


def test_there_are_twenty() -> None:
    """As many as the trial tells of."""
    assert len(PLANTS) == 20
