"""A diagnosis as GitHub-flavoured Markdown, to be pasted into an issue or a pull request."""

import re
from collections.abc import Iterable, Iterator

from diag.findings import CauseFound, Diagnosis
from diag.reports import advice, words
from diag.reports.excerpt import Row, excerpt, note
from diag.reports.headline import headline, turns

MOST_COROUTINES = 8
"""Coroutines named; the others are counted."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$&@])")


def render(diagnosis: Diagnosis) -> str:
    """Write a diagnosis as Markdown."""
    return "\n\n".join(part for part in _parts(diagnosis) if part) + "\n"


def text(value: str) -> str:
    """Escape what Markdown or HTML would take for markup, and put it on one line; `code` between backticks stays."""
    pieces = " ".join(words.printable(value.replace("\n", " ")).split()).split("`")
    if len(pieces) % 2 == 0:  # a lone backtick is one
        return _escaped("`".join(pieces))
    return "".join(code(piece) if number % 2 else _escaped(piece) for number, piece in enumerate(pieces))


def code(value: str) -> str:
    """Set a text as code, whatever it holds."""
    value = words.printable(value)
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", value)), default=0))
    edge = " " if value.startswith("`") or value.endswith("`") else ""
    return f"{fence}{edge}{value}{edge}{fence}" if value else ""


def cell(value: str) -> str:
    """Set a text as code in a table, where a bar would end the cell."""
    return code(value).replace("|", "\\|")


def _escaped(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", value).replace(r"\<", "&lt;").replace(r"\>", "&gt;")


def _parts(diagnosis: Diagnosis) -> Iterator[str]:
    found = headline(diagnosis)
    place = f" in {code(found.place.function)}" if found.place else ""
    figures = f": {', '.join(found.figures)}" if found.figures else ""
    yield f"### {found.verdict}{place}{_escaped(figures)}"
    if found.place:
        yield code(found.place.path)
    yield from _reasons(diagnosis)
    yield from map(_cause, diagnosis.causes)
    yield advice.unexplained(diagnosis)
    yield from _source(diagnosis)
    if remedies := advice.remedies(diagnosis):
        yield "**What to do**"
        yield _list(remedies)
    yield _facts(diagnosis)
    yield _tasks(diagnosis)
    if diagnosis.quality.notes:
        yield "**What could not be measured**"
        yield _list(diagnosis.quality.notes)
    yield _footer(diagnosis)


def _reasons(diagnosis: Diagnosis) -> Iterator[str]:
    for reason in advice.reasons(diagnosis):
        name = f"**{reason.names}**: " if reason.names else ""
        yield f"{name}{text(reason.text)}{f' ({reason.doubt})' if reason.doubt else ''}"


def _cause(cause: CauseFound) -> str:
    doubt = advice.guess(cause.confidence)
    return f"**{cause.code} {cause.name}**{f' ({doubt})' if doubt else ''}, {code(f'{cause.file}:{cause.line}')}: {text(words.sentence(cause.message))}"


def _source(diagnosis: Diagnosis) -> Iterator[str]:
    """Write whose code it is, and its lines with their heat."""
    culprit = diagnosis.culprit
    if culprit is None:
        return
    if culprit.package:
        yield f"The code belongs to {text(culprit.package)}."
    if caller := culprit.called_from:
        yield f"It was called from {code(caller.function)}, {code(f'{caller.file}:{caller.line}')}."
    yield note(diagnosis)
    rows = excerpt(diagnosis)
    if rows:
        digits = max(len(str(row.number)) for row in rows if row)
        body = "\n".join(_line(row, digits) for row in rows)
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", body)), default=0))
        yield f"{fence}text\n{body}\n{fence}"


def _line(row: Row | None, digits: int) -> str:
    if row is None:
        return f"{'':6}   {'⋮':>{digits}}"
    share = f"{words.percent(row.share):>4} %" if row.share else ""
    mark = {"fault": "►", "involved": "·", "": " "}[row.mark]
    return f"{share:6} {mark} {row.number:>{digits}} {'│' if row.in_loop else ' '} {row.code}".rstrip()


def _facts(diagnosis: Diagnosis) -> str:
    """Write the evidence as a table."""
    rows = [(text(words.measured(fact.value, fact.unit)), text(fact.text)) for fact in diagnosis.evidence]
    return table(("", "evidence"), rows, align="--:|---") if rows else ""


def _tasks(diagnosis: Diagnosis) -> str:
    tasks = diagnosis.tasks
    if not tasks.live and not tasks.created_per_second:
        return ""
    most = sorted(tasks.by_coroutine.items(), key=lambda item: -item[1])
    rows = [(f"{number:,}", cell(name)) for name, number in most[:MOST_COROUTINES]]
    if others := most[MOST_COROUTINES:]:
        number = sum(number for _, number in others)
        rows.append((f"{number:,}", f"of {words.plural(len(others), 'other coroutine')}"))
    rate = "" if tasks.growth_per_second is None else f", {words.change(tasks.growth_per_second)}/s"
    made = "" if tasks.created_per_second is None else f", {words.count(tasks.created_per_second)} made/s"
    title = f"{words.count(tasks.live)} tasks live{rate}{made}"
    return table(("live", title), rows, align="--:|---")


def table(head: Iterable[str], rows: Iterable[Iterable[str]], *, align: str) -> str:
    """Write a table of cells that are Markdown already."""
    lines = [" | ".join(head), align, *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" if line != align else f"|{line}|" for line in lines)


def _list(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {text(sentence)}" for sentence in sentences)


def _footer(diagnosis: Diagnosis) -> str:
    target, quality = diagnosis.target, diagnosis.quality
    state = f"{turns(diagnosis)}; " if turns(diagnosis) else ""
    return (
        f"<sub>{state}{target.implementation} {target.version}, {code(' '.join(target.command))}, seen for "
        f"{quality.seconds:.1f} s: {words.plural(quality.stack_samples, 'stack sample')}, "
        f"{words.plural(quality.snapshots, 'snapshot')}.</sub>"
    )
