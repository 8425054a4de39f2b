"""Sources with a fault, and what linting makes of a text."""

from collections.abc import Sequence
from pathlib import Path

from diag.lint.checking import File, check_bytes
from diag.lint.finding import Checked, Outcome
from diag.lint.rules import RULES

FAULT = """\
async def pump(reader, out):
    while True:
        chunk = await reader.read(4096)
        for line in chunk.split(b"\\n"):
            if not line:
                break
            out.append(line)
"""
"""Line 6 is at fault; lines 2 and 4 are its loops."""


def checked(text: str | bytes, name: str = "app.py", *, named: bool = False) -> Checked:
    """Check a text as if it were a file."""
    data = text if isinstance(text, bytes) else text.encode()
    return check_bytes(data, File(Path(name), name, named=named), RULES)


def outcome(*files: Checked, notebooks: int = 0) -> Outcome:
    """Put files together."""
    return Outcome(
        checked=len(files),
        findings=tuple(one for file in files for one in file.findings),
        problems=tuple(one for file in files for one in file.problems),
        notebooks=notebooks,
    )


def with_comment(line: int, comment: str, text: str = FAULT) -> str:
    """Put a comment at the end of a line."""
    lines = text.splitlines()
    lines[line - 1] += f"  {comment}"
    return "\n".join([*lines, ""])


def codes(file: Checked) -> Sequence[str]:
    """Give the codes of what is found and not accepted."""
    return [one.code for one in file.findings if one.ignored is None]
