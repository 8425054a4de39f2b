"""One file: read, ruled out by its text or parsed, its faults found and its comments heard."""

import ast
import hashlib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from diag.errors import HotloopError
from diag.lint import prefilter, suppression
from diag.lint.finding import Checked, Finding, Place, Problem
from diag.lint.rules import CATALOGUED, Hit, Rule
from diag.lint.text import column, decoded, lines_of
from diag.source import LoopNode, Module, parse

MOST_CHARACTERS = 10_000_000
"""Of a source that is parsed: the tree of a longer one takes gigabytes."""


@dataclass(frozen=True)
class File:
    """A file to check."""

    path: Path
    shown: str
    """Its name in the output."""
    named: bool = False
    """Whether it was asked for by itself: then its syntax is checked even where its text rules every fault out."""


def check(file: File, rules: Sequence[Rule]) -> Checked:
    """Check a file; what it cannot be checked for is a problem, not an error."""
    try:
        data = file.path.read_bytes()
    except OSError as error:
        return Checked(file.shown, problems=(Problem(file=file.shown, message=_unreadable(error)),))
    return check_bytes(data, file, rules)


def check_bytes(data: bytes, file: File, rules: Sequence[Rule], *, filtered: bool = True) -> Checked:
    """Check the content of a file.

    Args:
        data: its bytes.
        file: what it is called.
        rules: what to look for.
        filtered: whether rules are left out that the text rules out; without, every file is parsed.
    """
    try:
        text = decoded(data)
        wanted = [rule for rule in rules if not filtered or rule.may_hold(data)]
        if not wanted and not file.named and not prefilter.has_comment(data):
            return Checked(file.shown, size=len(data))
        module, problems = _parsed(text, file)
        findings = _found(module, wanted, rules) if module else []
    except HotloopError as error:
        return Checked(file.shown, problems=(Problem(file=file.shown, message=str(error)),), size=len(data))
    except RecursionError:
        deep = Problem(file=file.shown, message="it is nested too deeply to be checked")
        return Checked(file.shown, problems=(deep,), size=len(data))
    return Checked(file.shown, tuple(findings), tuple(problems), len(data))


def _unreadable(error: OSError) -> str:
    return f"it cannot be read: {error.strerror or error}"


def _parsed(text: str, file: File) -> tuple[Module | None, list[Problem]]:
    """Parse; of what this interpreter's grammar does not know, the statements around it.

    Raises:
        HotloopError: nothing of it can be parsed.
    """
    if len(text) > MOST_CHARACTERS:
        raise HotloopError(f"it is longer than {MOST_CHARACTERS:,} characters and was not parsed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the compiler warns of is not ours to say
            return Module(file.shown, text, ast.parse(text)), []
    except SyntaxError as error:
        line, reason = error.lineno or 0, f"{error.msg}"
    except (ValueError, MemoryError) as error:
        raise HotloopError(
            f"it cannot be parsed: {error.args[0] if error.args else 'it is too large'}"
        ) from error
    rest = parse(text, file.shown)
    if rest is None:
        told = f"it is no Python that this interpreter can parse: {reason}"
    else:
        told = f"this statement cannot be parsed and was left out: {reason}"
    return rest, [Problem(file=file.shown, message=told, line=line)]


def _found(module: Module, wanted: Iterable[Rule], rules: Sequence[Rule]) -> list[Finding]:
    lines = lines_of(module.text)
    hits = [(rule, hit) for rule in wanted for hit in rule.find(module)]
    hits.sort(key=lambda found: (found[1].node.lineno, found[1].node.col_offset, found[0].code))
    findings = _numbered([_finding(rule, hit, module.file, lines) for rule, hit in hits])
    comments = suppression.ignores(module.text)
    marked = suppression.applied(findings, comments, covers=[_covered(hit) for _, hit in hits])
    used = frozenset(
        (line, finding.code)
        for finding, (_, hit) in zip(marked, hits, strict=True)
        if finding.ignored is not None
        for line in _covered(hit)
    )
    codes = suppression.Codes(
        known=CATALOGUED | frozenset(suppression.NAMES), selected=frozenset(rule.code for rule in rules)
    )
    wrong = suppression.complaints(module.file, module.text, comments, used, codes)
    return sorted([*marked, *wrong], key=lambda one: (one.place.line, one.place.column, one.code))


def _finding(rule: Rule, hit: Hit, file: str, lines: Sequence[str]) -> Finding:
    related = sorted(
        (_head(node, label, lines) for node, label in hit.related),
        key=lambda place: (place.line, place.column),
    )
    place = _place(hit.node, hit.label, lines)
    numbers = sorted({place.line, *(one.line for one in related)})
    return Finding(
        code=rule.code,
        name=rule.cause.name,
        level="error",
        file=file,
        place=place,
        message=hit.message,
        remedy=rule.cause.remedy,
        related=tuple(related),
        source=tuple((number, lines[number - 1]) for number in numbers),
        function=hit.function,
    )


def _place(node: ast.stmt | ast.expr, label: str, lines: Sequence[str]) -> Place:
    """Give where a node stands; of one that goes over several lines, its first line."""
    line = lines[node.lineno - 1]
    begin = column(line, node.col_offset)
    whole = node.end_lineno == node.lineno
    end = column(line, node.end_col_offset or 0) if whole else len(line.rstrip()) + 1
    return Place(line=node.lineno, column=begin, end_column=end, label=label)


def _head(node: LoopNode, label: str, lines: Sequence[str]) -> Place:
    """Give where the head of a loop stands, without what is in its body."""
    line = lines[node.lineno - 1]
    begin = column(line, node.col_offset)
    last = node.test if isinstance(node, ast.While) else node.iter
    end = column(line, last.end_col_offset or 0) if last.end_lineno == node.lineno else len(line.rstrip()) + 1
    return Place(line=node.lineno, column=begin, end_column=end, label=label)


def _covered(hit: Hit) -> frozenset[int]:
    """Give the lines on which a comment accepts a finding: those of the statement and of the loops' heads."""
    found = set(range(hit.node.lineno, (hit.node.end_lineno or hit.node.lineno) + 1))
    for node, _ in hit.related:
        found |= {node.lineno, *range(node.lineno, node.body[0].lineno)}
    return frozenset(found)


def _numbered(findings: Iterable[Finding]) -> list[Finding]:
    """Give each finding its fingerprint: of its code, its function and the text of its lines; equal ones are numbered."""
    seen: dict[str, int] = {}
    marked = []
    for one in findings:
        text = "\n".join([one.code, one.function, *(" ".join(line.split()) for _, line in one.source)])
        occurrence = seen[text] = seen.get(text, -1) + 1
        digest = hashlib.sha256(f"{text}\n{occurrence}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        marked.append(msgspec.structs.replace(one, fingerprint=digest))
    return marked
