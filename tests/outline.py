"""Reads a page for its structure."""

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "path", "use"}
"""Elements without an end."""


class Outline(HTMLParser):
    """Reads a page: which tags, ids, links and headings it has, and whether tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.levels: list[int] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and what it points to."""
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"href", "src", "data", "action", "srcset"}:
                self.links.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that is its own end."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Check that the innermost open tag is closed."""
        if tag not in VOID:
            assert self.open.pop() == tag


def outline(html: str) -> Outline:
    """Read a page."""
    reader = Outline()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader
