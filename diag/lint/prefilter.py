"""A look at a file's text that rules out most files: what has no loop inside a `while`, and no `break`, holds no fault.

It may let through what holds none, but never rules out what does.
"""

import re

_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_PLAIN = re.compile(
    rb"^(utf[-_]?8.*|latin[-_]?\d*|iso[-_]?8859.*|ascii|us[-_]ascii|cp125\d|windows[-_]125\d|koi8.*)$",
    re.IGNORECASE,
)
"""Encodings in which keywords are written in the bytes of ASCII, and nothing else is."""

_STRINGS = re.compile(
    rb"#[^\n]*"
    rb'|"""(?:[^"\\]|\\.|"(?!""))*"""'
    rb"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    rb'|"(?:[^"\\\n]|\\.)*"'
    rb"|'(?:[^'\\\n]|\\.)*'",
    re.DOTALL,
)
_HEADS = re.compile(
    rb"^([ \t\f]*)(while|for|async|def|class|return|raise|try|with|import|from|except|finally|elif|del|assert|pass|global)\b",
    re.MULTILINE,
)
"""Line beginnings that open a loop or end one. None but `for` and `async` can begin a line inside of brackets, so that a
line of those that is less indented than a loop is behind it."""

_NOTHING = rb"[\s\\]*\((?:#[^\n\r]*|[^()#1-9A-Za-z_]|[A-Za-z_]+[\s\\]*=|0[xXoObBeEjJ_])*\)"
"""Brackets with a zero in them, however it is written, or with nothing."""

_PAUSES = tuple(
    (word, re.compile(word + rb"\w*" + _NOTHING))
    for word in (b"sleep", b"checkpoint", b"sched_yield", b"idle")
)

_IGNORES = re.compile(rb"#[ \t]*diag:[ \t]*ignore", re.IGNORECASE)


def has_comment(data: bytes) -> bool:
    """Whether there may be a comment that speaks to the linter."""
    return _IGNORES.search(data) is not None


def has_nested_break(data: bytes) -> bool:
    """Whether there may be a `break` of a loop inside a `while`.

    Args:
        data: a file's bytes.
    """
    if not _is_plain(data):
        return True
    if b"while" not in data or b"break" not in data:
        return False
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    code = _STRINGS.sub(b"''", data) if b'"""' in data or b"'''" in data or b"\\\n" in data else data
    return code.find(b"break", _inner_loop(code)) != -1


def has_zero_sleep(data: bytes) -> bool:
    """Whether there may be a `while` and a pause of zero."""
    if not _is_plain(data):
        return True
    if b"while" not in data:
        return False
    return b"moment" in data or any(word in data and pause.search(data) for word, pause in _PAUSES)


def _is_plain(data: bytes) -> bool:
    for line in data[:512].splitlines()[:2]:
        if named := _CODING.match(line):
            return _PLAIN.match(named[1]) is not None
    return True


def _inner_loop(code: bytes) -> int:
    """Give where the first loop inside a `while` begins; the end of the code where there is none."""
    around: list[int] = []
    for head in _HEADS.finditer(code):
        indent, word = _width(head[1]), head[2]
        loop = word in {b"while", b"for", b"async"}
        if word not in {b"for", b"async"}:
            while around and around[-1] >= indent:
                around.pop()
        if loop and any(one < indent for one in around):
            return head.start()
        if word == b"while":
            around.append(indent)
    return len(code)


def _width(indent: bytes) -> int:
    return len(indent.rpartition(b"\f")[2].expandtabs(8))
