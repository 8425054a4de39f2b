"""The page of a cause: what it is, faulty and fixed source, look-alikes."""

from importlib.resources import files
from pathlib import Path

from diag.errors import HotloopError


def page(code: str) -> str:
    """Give the Markdown of a cause's page.

    Raises:
        HotloopError: the installation lacks it.
    """
    installed = files("diag.causes") / "pages" / f"{code}.md"
    working_copy = Path(__file__).parents[2] / "docs" / "causes" / f"{code}.md"
    for place in (installed, working_copy):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise HotloopError(f"The page of {code} is missing from this installation: install hotloop again.")
