"""What is made of the results of calls."""

import ast

import pytest
import scenes

from diag.causes.calls import calls, loop_nodes
from diag.causes.derived import made_of, on_something_new, reached

LOOP = """
def run(self, client):
    while True:  # hot
        with client.post(self.url) as response:
            body = response.json()
        state = body["job"]["state"]
        done, count = state == "done", len(self.url)
        total += state
"""


def nodes_of(text: str) -> list[ast.AST]:
    """Give the nodes of the loop in a text."""
    loop = scenes.scene(text).loop
    assert loop is not None
    return loop_nodes(loop.node)


def test_what_is_made_of_an_answer() -> None:
    """By `with`, and by assignments in a row; not by what is added to."""
    nodes = nodes_of(LOOP)
    request = next(calls(nodes))
    assert made_of({request}, nodes) == {"response", "body", "state", "done", "count"}
    assert made_of(set(), nodes) == set()


def test_parts_belong_to_what_is_held() -> None:
    """`answer.status` is one of `answer`; `answers` is not."""
    assert reached({"answer"}, {"answer", "answer.status", "answers", "self.answer"}) == {
        "answer",
        "answer.status",
    }


@pytest.mark.parametrize(
    ("takes", "tried", "handler", "new"),
    [
        ("item = self.items.popleft()", "send(item)", "pass", True),
        ("item = queue.get(True, 1)", "send(to=item.text)", "pass", True),
        ("item = reader.readline()", "send(item)", "pass", True),
        ("item = self.items.popleft()", "send(item)", "self.items.append(item)", False),
        ("item = settings.get('url')", "send(item)", "pass", False),
        ("item = read_config(path)", "send(item)", "pass", False),
        ("other = self.items.popleft()", "send(item)", "pass", False),
        ("item = 1", "send(self.items.pop())", "pass", False),
    ],
)
def test_a_try_on_something_that_was_taken_is_no_second_one(
    takes: str,
    tried: str,
    handler: str,
    new: bool,  # noqa: FBT001 - a case's outcome
) -> None:
    """Unless it is put back, or was looked up; what fails itself is no taking before it."""
    text = f"""
        def run(self):
            while True:
                {takes}
                try:
                    {tried}  # hot
                except OSError:
                    {handler}
    """
    nodes = nodes_of(text)
    (node,) = (one for one in nodes if isinstance(one, ast.Try))
    call = next(calls([*ast.walk(node.body[0])]))
    assert on_something_new(call, node.handlers[0].body, nodes) is new
