"""The texts of source files in an archive, and back."""

import io
import zipfile

import msgspec
import pytest

from diag import sourcearchive
from diag.recording import SourceFile
from diag.sourcearchive import Entry


def source(path: str, text: str = "") -> SourceFile:
    """Make a source file."""
    return SourceFile(path=path, modified=1.5, size=len(text), package="aiohttp 3.9.1", text=text)


ODD = (
    source("/srv/app.py", "while True:\n    pass\n"),
    source("<string>", "print('größe')\n"),
    source("app.py", "relative = 1"),
    source("/app.py", "absolute = 1"),
    source("/APP.py", "differs in case alone"),
    source("/srv/app.pyz/shop/worker.py", "in an archive\r\nwith other ends\r"),
    source("../up.py", "above"),
    source("/", "a root"),
    source("", "no name"),
    source("/a\nb\x00c\\d:e*.py", "odd name"),
    source("/größe\u2028.py", "\x00\ufeff\U0001f40d"),
    source("/lone.py", "a lone \udcff, as a command line may hold"),
    source("/unread.py"),
)


def test_what_is_unpacked_is_what_was_packed() -> None:
    """Paths and texts come back exactly, in their order, whatever characters they have."""
    entries, content = sourcearchive.pack(ODD)
    assert sourcearchive.unpack(entries, content) == ODD
    assert all(not entry.text for entry in entries)


def test_any_tool_opens_it() -> None:
    """Files are found by their paths; no name leads out of the folder or is there twice."""
    _, content = sourcearchive.pack(ODD)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert archive.read("srv/app.py") == b"while True:\n    pass\n"
        assert archive.testzip() is None
    assert len({name.lower() for name in names}) == len(names) == len(ODD) - 1
    assert not any(name.startswith("/") or ".." in name.split("/") for name in names)


def test_texts_are_packed() -> None:
    """Source shrinks to a third and less; the same sources are the same bytes."""
    text = "".join(f"    value_{number} = read(value_{number - 1})\n" for number in range(999))
    _, content = sourcearchive.pack([source("/a.py", text)])
    assert len(content) < len(text) / 3
    assert sourcearchive.pack([source("/a.py", text)])[1] == content


def test_without_texts_there_is_no_archive() -> None:
    """Files whose text is not kept are in the head alone."""
    entries, content = sourcearchive.pack([source("/a.py")])
    assert content == b""
    assert sourcearchive.unpack(entries, b"") == (source("/a.py"),)


def test_a_text_in_the_head_is_read() -> None:
    """An older hotloop kept the texts there."""
    entry = Entry(path="/a.py", modified=1.0, size=1, text="x")
    assert sourcearchive.unpack([entry], b"") == (SourceFile(path="/a.py", modified=1.0, size=1, text="x"),)


@pytest.mark.parametrize("garbled", [b"", b"PK", b"no archive", None])
def test_damage_is_told(garbled: bytes | None) -> None:
    """An archive that is none, is cut, or lacks a file is an error that is told."""
    entries, content = sourcearchive.pack(ODD)
    with pytest.raises(msgspec.DecodeError):
        sourcearchive.unpack(entries, content[:-30] if garbled is None else garbled)


def test_a_flipped_bit_is_told() -> None:
    """Checksums are looked at."""
    entries, content = sourcearchive.pack([source("/a.py", "abc" * 99)])
    place = content.index(b"a.py") + 7
    with pytest.raises(msgspec.DecodeError):
        sourcearchive.unpack(entries, content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :])
