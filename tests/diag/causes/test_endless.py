"""Whether a loop has an end of its own."""

import pytest
import scenes

from diag.causes.endless import endless


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("while True", "step()", True),
        ("while not done", "step()", True),
        ("while tries < 5", "tries += 1", False),
        ("while n", "n -= 1", False),
        ("while self.left > 0", "self.left -= step()", False),
        ("while running and tries < 5", "tries += 1", False),
        ("for _ in itertools.count()", "step()", True),
        ("for _ in iter(read, b'')", "step()", True),
        ("for _ in iter(rows)", "step()", False),
        ("for _ in range(3)", "step()", False),
        ("for _ in itertools.repeat(None)", "step()", True),
        ("for _ in itertools.repeat(None, 3)", "step()", False),
    ],
)
def test_endless(head: str, body: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """A loop that counts, or goes through so many items, has an end of its own."""
    loop = scenes.scene(f"def f():\n    {head}:\n        {body}  # hot\n").loop
    assert loop is not None
    assert endless(loop) == expected
