"""What rules a file out by its text."""

import textwrap

import pytest

from diag.lint.prefilter import has_comment, has_nested_break

NESTED = "while True:\n    for line in lines:\n        if not line:\n            break\n"

LET_THROUGH = {
    "plain": NESTED,
    "in a function of a class": "class A:\n  def f(self):\n" + textwrap.indent(NESTED, "    "),
    "with carriage returns": NESTED.replace("\n", "\r"),
    "with both": NESTED.replace("\n", "\r\n"),
    "with tabs": NESTED.replace("    ", "\t"),
    "behind a form feed": "\f" + NESTED.replace("    for", "\f    for"),
    "behind text at the margin": NESTED.replace("    for", '    log("""\ndef none():\n""")\n    for'),
    "behind brackets at the margin": NESTED.replace("    for", "    log(\n1,\n)\n    for"),
    "behind a comment at the margin": NESTED.replace("    for", "# def none\n    for"),
    "with a continued line": NESTED.replace("while True", "while \\\n  True").replace(
        "for line", "for \\\n line"
    ),
    "with a continued text": NESTED.replace("    for", "    log('\\\nreturn')\n    for"),
    "on one line": "while True:\n    for line in lines: break\n",
    "in an async for": "async def f():\n"
    + NESTED.replace("for", "async for").replace("\n", "\n  ").replace("while", "  while"),
    "an odd async for": NESTED.replace("for line", "async \\\n for line"),
    "in a nested while": NESTED.replace("for line in lines", "while lines"),
    "behind quotes in a comment": NESTED.replace("    for", '    # don\'t """\n    for') + '"""\n"""\n',
    "in another encoding": "# coding: utf-7\n+AHcAaABpAGwAZQ",
}

RULED_OUT = {
    "no break": NESTED.replace("break", "return"),
    "no while": NESTED.replace("while True", "if True"),
    "one after the other": "while True:\n    work()\nfor line in lines:\n    break\n",
    "in another function": "def f():\n    while True:\n        work()\ndef g():\n        for line in lines:\n            break\n",
    "no inner loop": "while True:\n    if done:\n        break\n",
    "in a text": f'"""\n{NESTED}"""\n',
}


@pytest.mark.parametrize("text", LET_THROUGH.values(), ids=LET_THROUGH)
def test_what_may_hold_a_fault_is_let_through(text: str) -> None:
    """However it is laid out."""
    assert has_nested_break(text.encode())


@pytest.mark.parametrize("text", RULED_OUT.values(), ids=RULED_OUT)
def test_what_cannot_is_ruled_out(text: str) -> None:
    """Where words or their order are missing."""
    assert not has_nested_break(text.encode())


def test_comments_to_the_linter() -> None:
    """They keep a file in, for they may be wrong."""
    assert has_comment(b"x = 1  # diag: ignore[HL001]")
    assert has_comment(b"x = 1  #diag:ignore")
    assert not has_comment(b"x = 1  # diagnose: ignore")
