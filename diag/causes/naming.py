"""Which functions of a module name something: told by the text, before any tree is walked.

Walking the trees of a whole module is the dearest part of a search; its text is gone through a hundred times as fast.
"""

import re
from functools import lru_cache

from diag.causes.calls import span
from diag.source import Function, Module


@lru_cache(maxsize=512)
def functions_naming(module: Module, names: frozenset[str]) -> tuple[Function, ...]:
    """Give the functions of a module, its own code included, in whose lines one of these names stands as a word."""
    named = re.compile(rf"\b(?:{'|'.join(re.escape(name) for name in sorted(names))})\b")
    if not named.search(module.text):
        return ()
    at = [number for number, line in enumerate(module.lines, 1) if named.search(line)]
    return tuple(function for function in module.functions if any(line in span(function.node) for line in at))
