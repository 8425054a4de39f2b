"""HL006: bad input is read again at once, and is the same then."""

import pytest
import scenes

from diag.causes.cause import Variable
from diag.causes.retry_without_pause import CAUSE, SAME

LOADER = """
def load(path):
    while True:
        try:
            return json.loads(path.read_text())  # hot
        except ValueError:
            pass
"""

FAULTY = {
    "a file": LOADER,
    "opened anew": """
        def load(path):
            while True:
                try:
                    with open(path) as file:
                        return yaml.safe_load(file.read())  # hot
                except yaml.YAMLParseError:
                    log.warning("not yet")
    """,
    "opened and read in one": """
        def load(path):
            while True:
                try:
                    settings = parse(open(path).read())  # hot
                except ValueError as error:
                    print(error)
                else:
                    return settings
    """,
    "left by break": """
        def load(self):
            while True:
                try:
                    self.settings = Settings(self.path)  # hot
                    break
                except ValidationError:
                    self.attempts += 1
    """,
    "awaited": """
        async def load(self):
            while self.running:
                try:
                    return await self.parse(self.path)  # hot
                except (ValueError, TypeError):
                    continue
    """,
}

SILENT = {
    "pauses": """
        def load(path):
            while True:
                try:
                    return json.loads(path.read_text())  # hot
                except ValueError:
                    time.sleep(0.5)
    """,
    "asks the user": """
        def ask():
            while True:
                try:
                    return int(input("number: "))  # hot
                except ValueError:
                    print("a number, please")
    """,
    "the next line": """
        def first(lines):
            while True:
                try:
                    return parse(next(lines))  # hot
                except ValueError:
                    pass
    """,
    "the next message": """
        def first(stream):
            while True:
                try:
                    return parse(stream.readline())  # hot
                except ValueError:
                    continue
    """,
    "one of many": """
        def first(self):
            while True:
                try:
                    return parse(self.candidates.pop())  # hot
                except ValueError:
                    continue
    """,
    "drawn by lot": """
        def draw(points):
            while True:
                try:
                    return triangle(random.sample(points, 3))  # hot
                except ValueError:
                    pass
    """,
    "moves on in the handler": """
        def parse(text, at):
            while True:
                try:
                    return number(text, at)  # hot
                except ValueError:
                    at += 1
    """,
    "moves on outside": """
        def parse(self, text):
            while True:
                text = text.partition(" ")[2]
                try:
                    return number(text)  # hot
                except ValueError:
                    pass
    """,
    "mended in the handler": """
        def load(self):
            while True:
                try:
                    return self.decode(self.raw)  # hot
                except UnicodeDecodeError:
                    self.next_encoding()
    """,
    "skips bad input": """
        def run(self, jobs):
            while True:
                try:
                    handle(self.current)  # hot
                except ValueError:
                    pass
    """,
    "leaves": """
        def load(path):
            while True:
                try:
                    return json.loads(path.read_text())  # hot
                except ValueError:
                    return None
    """,
    "three tries": """
        def load(path):
            tries = 0
            while tries < 3:
                try:
                    return json.loads(path.read_text())  # hot
                except ValueError:
                    tries += 1
    """,
}


@pytest.mark.parametrize("text", FAULTY.values(), ids=FAULTY)
def test_bad_input_that_is_read_again_is_found(text: str) -> None:
    """It is found, and holds where what the handler takes is in flight; without a failure it does not."""
    here = scenes.scene(text)
    match = scenes.found(CAUSE, here)
    assert match.names[0] == SAME
    assert scenes.judged(CAUSE, here, scenes.facts(raised=match.names[1:2])) > 0.6
    assert scenes.judged(CAUSE, here) == 0


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_look_alikes_stay_silent(text: str) -> None:
    """No match where the next try is made on something else, is waited for, counted, or not made."""
    assert CAUSE.find(scenes.scene(text)) is None


def test_the_message_says_that_the_input_is_the_same() -> None:
    """What is tried and the handler stand with their lines."""
    match = scenes.found(CAUSE, scenes.scene(LOADER))
    assert (match.line, match.lines) == (5, (2, 4, 5, 6))
    assert match.message == (
        "The loop of lines 2-6 tries `json.loads(path.read_text())` in line 4 again at once when it fails: "
        "`except ValueError` in line 5 leads back to line 2 without a pause, and what is read is the same."
    )


def test_what_is_new_from_look_to_look_acquits() -> None:
    """Input that changes is not the same, whatever the source looks like; bytes read are no movement."""
    here = scenes.scene(LOADER)
    raised = ("JSONDecodeError", "ValueError")
    assert scenes.judged(CAUSE, here, scenes.facts(raised=raised, bytes_per_second=4e5)) > 0.9
    text = Variable(behaviour="changing", types=("str",))
    assert scenes.judged(CAUSE, here, scenes.facts(raised=raised, variables={"text": text})) == 0
