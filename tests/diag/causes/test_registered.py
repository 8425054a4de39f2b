"""Where a function is registered for a descriptor."""

import pytest
import scenes

from diag.causes.registered import registration


@pytest.mark.parametrize(
    ("call", "writing"),
    [
        ("loop.add_reader(fd, self.on_ready)", False),
        ("loop.add_writer(fd, self.on_ready)", True),
        ("loop.add_reader(fd, lambda: self.on_ready(fd))", False),
        ("loop.add_reader(fd, partial(self.on_ready, fd))", False),
        ("sel.register(fd, READ, data=self.on_ready)", False),
        ("sel.register(fd, READ, (self.on_ready, 1))", False),
        ("root.createfilehandler(fd, READABLE, self.on_ready)", False),
    ],
)
def test_a_registration(call: str, writing: bool) -> None:  # noqa: FBT001 - an expectation
    """By every framework's call; the function may be wrapped."""
    here = scenes.module(f"class A:\n    def start(self):\n        {call}\n    def on_ready(self): pass\n")
    found = registration(scenes.named(here, "A.on_ready"), [here])
    assert found is not None
    assert (found.line, found.for_writing) == (3, writing)


def test_in_the_first_module_that_has_it() -> None:
    """The function's own comes first."""
    here = scenes.module("def on_ready(): pass\n")
    other = scenes.module("import x\nloop.add_reader(fd, x.on_ready)\n", "main.py")
    found = registration(scenes.named(here, "on_ready"), [here, other, here])
    assert found is not None
    assert (found.module.file, found.line) == ("main.py", 2)


@pytest.mark.parametrize(
    "call", ["loop.add_reader(fd, other)", "loop.add_reader(fd)", "loop.call_soon(on_ready)"]
)
def test_none(call: str) -> None:
    """Another function, none, another call."""
    here = scenes.module(f"def on_ready(): pass\n{call}\n")
    assert registration(scenes.named(here, "on_ready"), [here]) is None
