"""The texts of a recording's source files in a zip archive, and back.

Any tool opens it. A file has its path there without the leading slash; where a path has what no archive should (`..`,
control characters) or two would be the same, it has a name like it. The recording's head says which is whose.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import msgspec

from diag.recording import SourceFile

_ODD = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\\ud800-\udfff]')
"""What some system has no file names with."""


class Entry(SourceFile, frozen=True, kw_only=True, omit_defaults=True):
    """A source file as the head of a recording lists it."""

    kept: str = ""
    """Its name in the archive; "" where its text is not kept (or stands here, as in older recordings)."""


def pack(sources: Iterable[SourceFile]) -> tuple[tuple[Entry, ...], bytes]:
    """Give the entries of the head, and the archive; b"" where there is no text to keep."""
    entries: list[Entry] = []
    names: set[str] = set()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for source in sources:
            fields = msgspec.structs.asdict(source) | {"text": ""}
            if source.text:
                fields["kept"] = _name(source.path, names)
                # A fixed date: equal recordings are to be equal files. The source's own date is in the head.
                entry = zipfile.ZipInfo(fields["kept"])
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, source.text.encode(errors="surrogatepass"))
            entries.append(Entry(**fields))
    return tuple(entries), content.getvalue() if names else b""


def unpack(entries: Iterable[Entry], content: bytes) -> tuple[SourceFile, ...]:
    """Give the source files with their texts.

    Raises:
        msgspec.DecodeError: the archive is damaged, or lacks one of them.
    """
    texts = _texts(content) if content else {}
    found = []
    for entry in entries:
        if entry.kept and entry.kept not in texts:
            raise msgspec.DecodeError(f"{entry.kept!r} is missing among the sources")
        fields = msgspec.structs.asdict(entry)
        kept = fields.pop("kept")
        found.append(SourceFile(**fields | ({"text": texts[kept]} if kept else {})))
    return tuple(found)


def _texts(content: bytes) -> Mapping[str, str]:
    """Read all files of an archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name).decode(errors="surrogatepass") for name in archive.namelist()}
    # RuntimeError: encrypted; NotImplementedError is one: compressed in a way that is not known.
    except (zipfile.BadZipFile, zlib.error, UnicodeDecodeError, EOFError, RuntimeError) as error:
        raise msgspec.DecodeError(f"the archive of sources: {error}") from error


def _name(path: str, taken: set[str]) -> str:
    """Name a file in the archive, and take the name."""
    parts = [part for part in PurePosixPath(_ODD.sub("_", path)).parts if part not in {"/", "//", "..", "."}]
    stem = "/".join(parts) or "_"
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}.{number}"
    taken.add(name.lower())
    return name
