"""Functions of a module that name something."""

import scenes

from diag.causes.naming import functions_naming

TEXT = """
import loop

class Client:
    def open(self):
        self.loop.add_reader(1, self.read)
        def inner():
            return ready()

    def read(self):
        return self.reader

start(Client)
"""


def test_functions_are_found_by_words_in_their_lines() -> None:
    """The module's own code spans all; a part of a word is none; inner functions count for those around them."""
    here = scenes.module(TEXT)

    def found(*names: str) -> list[str]:
        return [function.name for function in functions_naming(here, frozenset(names))]

    assert found("add_reader") == ["<module>", "Client.open"]
    assert found("ready") == ["<module>", "Client.open", "Client.open.inner"]
    assert found("read") == ["<module>", "Client.open", "Client.read"]
    assert found("rea") == []
    assert found("<lambda>") == []
