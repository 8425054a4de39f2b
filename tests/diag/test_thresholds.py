"""The thresholds as a whole: each is used, says where it comes from, and keeps its order with its neighbours."""

import ast
import itertools
from pathlib import Path

import pytest

import diag
from diag import thresholds

ROOT = Path(diag.__file__).parent
NAMES = [name for name in vars(thresholds) if name.isupper()]


@pytest.fixture(scope="module")
def used() -> set[str]:
    """Name all attributes of `thresholds` that the code looks at."""
    return {
        node.attr
        for path in ROOT.rglob("*.py")
        if "thresholds" in (text := path.read_text())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "thresholds"
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_is_used(name: str, used: set[str]) -> None:
    """A threshold that nothing looks at decides nothing."""
    assert name in used


def test_each_says_where_it_comes_from() -> None:
    """A text follows each, or the group that it stands in."""
    body = ast.parse((ROOT / "thresholds.py").read_text()).body
    for statement, following in itertools.pairwise(body):
        if isinstance(statement, ast.Assign):
            assert isinstance(following, ast.Expr | ast.Assign), ast.unparse(statement)
    assert isinstance(body[-1], ast.Expr)


def test_their_order() -> None:
    """Shares are shares, and what is longer, more or stricter is so."""
    assert 0 < thresholds.SEEN_TASK < thresholds.BUSY_THREAD < thresholds.ALL_BUSY < thresholds.PERSISTS < 1
    assert thresholds.HELD_OFTEN_SECONDS < thresholds.HELD_SECONDS
    assert 0 < thresholds.EVEN < 1
    assert 0 < thresholds.SPIN_DEMAND < 1
