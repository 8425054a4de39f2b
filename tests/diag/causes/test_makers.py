"""Calls that make tasks and threads."""

import ast

import pytest

from diag.causes.makers import made
from diag.source import own_nodes


def what(text: str) -> list[tuple[str, bool]]:
    """Name what a text makes, and whether for a thread."""
    return [(one.runs, one.thread) for one in made(own_nodes(ast.parse(text)))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("create_task(work())", [("work", False)]),
        ("loop.create_task(self.work(1))", [("work", False)]),
        ("tg.start_soon(work, 1)", [("work", False)]),
        ("nursery.start(work)", [("work", False)]),
        ("c = work()\nensure_future(c)", [("work", False)]),
        ("create_task(lambda: work())", [("work", False)]),
        ("create_task(shield(work()))", [("work", False), ("work", False)]),
        ("gather(a(), *[b(i) for i in c])", [("a", False), ("b", False)]),
        ("wait({create_task(a())})", [("a", False)]),
        ("Thread(target=work)", [("work", True)]),
        ("Timer(1, work)", [("work", True)]),
        ("pool.submit(partial(work, 1))", [("work", True)]),
        ("loop.run_in_executor(None, self.work)", [("work", True)]),
        ("create_task(tasks[0])", [("", False)]),
    ],
)
def test_what_is_made(text: str, found: list[tuple[str, bool]]) -> None:
    """The coroutine or function is named, through names, lambdas, partials and wrappers."""
    assert what(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "gather(*tasks)",
        "wait({a, b})",
        "server.start()",
        "car.start(1)",
        "Thread()",
        "create_task()",
        "pool.submit(1)",
    ],
)
def test_nothing_is_made(text: str) -> None:
    """Waits for what is there; calls without what they should run."""
    assert what(text) == []
