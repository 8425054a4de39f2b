"""Comments that accept a finding: `# diag: ignore[HL001] the reason`."""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from diag.arguments import did_you_mean
from diag.lint.finding import Finding, Place
from diag.lint.text import lines_of

WITHOUT_REASON = "HL901"
UNUSED = "HL902"
UNKNOWN = "HL903"
NAMES = {WITHOUT_REASON: "ignore-without-reason", UNUSED: "ignore-unused", UNKNOWN: "ignore-unknown"}
"""What is found about the comments themselves."""

SUMMARIES = {
    WITHOUT_REASON: "A comment that accepts a finding gives no reason.",
    UNUSED: "A comment accepts a finding that is not there.",
    UNKNOWN: "A comment names no code, or one that does not exist, and accepts nothing.",
}

_COMMENT = re.compile(r"#\s*diag:\s*ignore\b\s*(?:\[(?P<codes>[^\]]*)\])?(?P<reason>[^#]*)", re.IGNORECASE)
_SEPARATORS = " \t:;,.-\N{EN DASH}\N{EM DASH}"


@dataclass(frozen=True)
class Ignore:
    """A comment that accepts findings of its line."""

    line: int
    column: int
    end_column: int
    codes: tuple[str, ...]
    """Empty where the comment names none, and so accepts nothing."""
    reason: str


def ignores(text: str) -> list[Ignore]:
    """Give the comments of a source text that speak to the linter; what looks like one inside a string is none."""
    if not _COMMENT.search(text):
        return []
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and (match := _COMMENT.search(token.string)):
                begin = token.start[1] + match.start() + 1
                codes = tuple(
                    filter(None, (part.strip().upper() for part in (match["codes"] or "").split(",")))
                )
                reason = match["reason"].strip(_SEPARATORS)
                end = begin + len(match[0].rstrip())
                found.append(Ignore(token.start[0], begin, end, codes, reason))
    except (tokenize.TokenError, SyntaxError):
        pass  # what follows cannot be read; the parser says so
    return found


def applied(
    findings: Iterable[Finding],
    comments: Sequence[Ignore],
    *,
    covers: Sequence[frozenset[int]],
) -> list[Finding]:
    """Mark the findings that a comment on one of their lines accepts.

    Args:
        findings: of one file.
        comments: of that file.
        covers: for each finding, the lines on which a comment accepts it.
    """
    marked = []
    for finding, lines in zip(findings, covers, strict=True):
        reason = next(
            (one.reason for one in comments if one.line in lines and finding.code in one.codes), None
        )
        marked.append(finding if reason is None else msgspec.structs.replace(finding, ignored=reason))
    return marked


@dataclass(frozen=True)
class Codes:
    """Which codes there are, and which of them were looked for."""

    known: frozenset[str]
    selected: frozenset[str]


def complaints(
    file: str, text: str, comments: Sequence[Ignore], used: frozenset[tuple[int, str]], codes: Codes
) -> Iterator[Finding]:
    """Find what is wrong with the comments: no reason, no codes, codes that do not exist or that accept nothing.

    Args:
        file: as it is shown.
        text: its source.
        comments: of that source.
        used: the lines and codes that accepted a finding.
        codes: a comment is unused only where its code was looked for.
    """
    lines = lines_of(text)
    for one in comments:
        for code, level, message in _wrong(one, used, codes):
            yield Finding(
                code=code,
                name=NAMES[code],
                level="warning" if level == "warning" else "error",
                file=file,
                place=Place(line=one.line, column=one.column, end_column=one.end_column),
                message=message,
                source=((one.line, lines[one.line - 1]),),
            )


def _wrong(one: Ignore, used: frozenset[tuple[int, str]], codes: Codes) -> Iterator[tuple[str, str, str]]:
    if not one.codes:
        yield (
            UNKNOWN,
            "error",
            "this ignore names no code and accepts nothing: write `# diag: ignore[HL001] the reason`",
        )
        return
    for code in one.codes:
        if code not in codes.known:
            yield (
                UNKNOWN,
                "error",
                f"there is no {code!r} to ignore.{did_you_mean(code, sorted(codes.known))}",
            )
        elif code in codes.selected and (one.line, code) not in used:
            yield UNUSED, "warning", f"nothing on this line is {code}: remove it from the comment"
    if not one.reason:
        yield (
            WITHOUT_REASON,
            "error",
            "this ignore gives no reason: say behind the bracket why the finding is accepted",
        )
