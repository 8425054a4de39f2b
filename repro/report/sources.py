"""The variants' own words and code: what is wrong, from the docstring, and the source to colour."""

import ast
import importlib.resources
import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from diag.recording import Recording

_CODE = re.compile(r"``?([^`]+)``?")


def path_of(variant: str) -> str:
    """Give the end of the path of a variant's module, as stacks name it."""
    return f"repro/server/variants/{variant}.py"


def source(variant: str) -> str | None:
    """Read a variant's module; None where there is none of that name."""
    if not variant.isidentifier():
        return None
    try:
        return (importlib.resources.files("repro.server.variants") / f"{variant}.py").read_text(
            encoding="utf-8"
        )
    except OSError:
        return None


def changed(variant: str, code: str, recording: Recording) -> bool:
    """Tell whether the module is another one than when it was recorded, by its size."""
    recorded = [file.size for file in recording.sources if file.path.endswith(path_of(variant))]
    return bool(recorded) and len(code.encode()) not in recorded


def explanation(code: str) -> Markup:
    """Turn the module's docstring into HTML: paragraphs, lists of `- ` lines, `code` between backticks."""
    try:
        text = ast.get_docstring(ast.parse(code)) or ""
    except SyntaxError:
        return Markup("")
    return Markup("\n").join(_blocks(text))


def first_line(code: str) -> int:
    """Give the line at which the code begins after the module's docstring, 1 where it has none."""
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return 1
    if not body or not isinstance(body[0], ast.Expr) or not isinstance(body[0].value, ast.Constant):
        return 1
    end = body[0].end_lineno or 0
    lines = code.splitlines()
    return next((number for number in range(end + 1, len(lines) + 1) if lines[number - 1].strip()), 1)


def _blocks(text: str) -> Iterator[Markup]:
    """Go through the docstring's paragraphs and lists."""
    for block in filter(None, re.split(r"\n\s*\n", text.strip())):
        items = re.split(r"^\s*[-*] ", block, flags=re.MULTILINE)
        if len(items) == 1:
            yield Markup("<p>{}</p>").format(_inline(block))
            continue
        if items[0].strip():
            yield Markup("<p>{}</p>").format(_inline(items[0]))
        yield Markup("<ul>{}</ul>").format(
            Markup("").join(Markup("<li>{}</li>").format(_inline(item)) for item in items[1:])
        )


def _inline(text: str) -> Markup:
    """Escape a text and set its code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(" ".join(text.split())))))  # noqa: S704 - escaped first
