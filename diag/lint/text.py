"""The text of a source file: decoded as Python does, its lines counted as Python counts them."""

import io
import re
import tokenize

from diag.errors import HotloopError

_LINE_END = re.compile("\r\n|\r|\n")


def decoded(data: bytes) -> str:
    """Decode source by its byte order mark or its coding line (PEP 263), else as UTF-8.

    Raises:
        HotloopError: it is not text in that encoding.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(_unix(data[:4096])).readline)
    except SyntaxError as error:
        if "unknown encoding" in str(error.msg) or "encoding problem" in str(error.msg):
            raise HotloopError(f"it cannot be decoded: {error.msg}") from error
        encoding = "utf-8"  # what its first lines are not; which one is told below
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = len(_LINE_END.findall(data[: error.start].decode("latin-1"))) + 1
        raise HotloopError(
            f"line {line} is not text in {encoding}; a coding line can name another"
        ) from error
    except (LookupError, ValueError, TypeError) as error:
        raise HotloopError(f"it cannot be decoded: {encoding} is no encoding of text") from error
    if "\0" in text:
        raise HotloopError("it holds null bytes, so it is no Python source")
    return text


def lines_of(text: str) -> list[str]:
    """Give the lines without their ends: a form feed, or a line separator of Unicode, ends none."""
    return _LINE_END.split(text)


def column(line: str, offset: int) -> int:
    """Give the column of a place in characters from 1.

    Args:
        line: the text of its line.
        offset: in bytes of UTF-8 from 0, as `ast` counts.
    """
    return len(line.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "ignore")) + 1


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
