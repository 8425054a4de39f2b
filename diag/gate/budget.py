"""The budget file: limits of figures, by what was measured. Read and checked as a whole before anything is judged."""

import itertools
import math
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

import msgspec

from diag.arguments import did_you_mean
from diag.errors import HotloopError
from diag.findings import VerdictName
from diag.gate.figures import RECORD, RUN, VERDICTS, Figure
from diag.gate.samples import Source, Subject

FILE = "gate.toml"
"""Where a budget is looked for, in the working directory."""

ANY = "*"
"""A name that stands for each."""

Bound = Literal["max", "min", "exact"]

_SIGNS: Mapping[Bound, str] = {"max": "_max", "min": "_min", "exact": ""}
_SELECTORS = ("views", "workers")
_COMMAND = "run"


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """What a figure may be."""

    figure: str
    bound: Bound
    value: float | int | None
    """None for verdicts."""
    verdicts: tuple[str, ...] = ()
    """The allowed ones."""
    line: int = 0
    """In the file, from 1; 0 where it was not found."""

    @property
    def rule(self) -> str:
        """Give it as it stands in the file."""
        if self.value is None:
            return f"{VERDICTS} = [{', '.join(self.verdicts)}]"
        return f"{self.figure}{_SIGNS[self.bound]} = {self.value}"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of what a table's name and its `views` and `workers` pick."""

    path: tuple[str, str]
    views: int | None
    workers: int | None
    limits: tuple[Limit, ...]
    line: int

    @property
    def title(self) -> str:
        """Name it as it stands in the file."""
        name = ".".join(part if re.fullmatch(r"[\w-]+", part) else f'"{part}"' for part in self.path)
        chosen = [f"{key} = {value}" for key in _SELECTORS if (value := getattr(self, key)) is not None]
        return f"[{name}]" + (f" with {', '.join(chosen)}" if chosen else "")

    def picks(self, subject: Subject) -> bool:
        """Whether a subject is meant."""
        return (
            source(self.path[0]) == subject.source
            and all(mine in {ANY, its} for mine, its in zip(self.path, subject.path, strict=True))
            and self.views in {None, subject.views}
            and self.workers in {None, subject.workers}
        )


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """A budget file."""

    file: str
    tables: tuple[Table, ...]
    command: tuple[str, ...] = ()
    """What `--run-both` runs if nothing else is said; () where the file does not say."""
    runs: int | None = None


def source(name: str) -> Source:
    """Tell which kind of input the tables under a first name are for."""
    return "record" if name == "record" else "benchmark" if name == "benchmark" else "run"


def find(folder: Path) -> Budget | None:
    """Find the budget of a folder: gate.toml, or `[tool.hotloop.gate]` of pyproject.toml; None where neither is.

    Raises:
        HotloopError: it cannot be used.
    """
    if (folder / FILE).exists():
        return read(Path(FILE) if folder == Path() else folder / FILE)
    project = folder / "pyproject.toml"
    if not project.is_file():
        return None
    text = _text(project)
    tables = _parsed(text, project).get("tool", {}).get("hotloop", {}).get("gate")
    return None if tables is None else parse(tables, str(project), text, prefix="tool.hotloop.gate.")


def read(file: Path) -> Budget:
    """Read a budget file.

    Raises:
        HotloopError: it is not there, no TOML, empty, or says something that is not known; names the place.
    """
    text = _text(file)
    return parse(_parsed(text, file), str(file), text)


def parse(content: object, file: str, text: str = "", *, prefix: str = "") -> Budget:
    """Check a file's content.

    Args:
        content: the tables.
        file: its name.
        text: its text, for the numbers of lines.
        prefix: what the names of tables begin with in the text.
    """
    if not isinstance(content, dict) or not content:
        raise HotloopError(
            f"{file} is empty: write a table such as [succeeded.hardened] with cores_max = 0.05."
        )
    lines = _Lines(text, prefix)
    command, runs = _command(content.get(_COMMAND, {}), file)
    tables = tuple(
        table
        for name, under in content.items()
        if name != _COMMAND
        for table in _tables(name, under, file, lines)
    )
    if not tables and not command:
        raise HotloopError(
            f"{file} holds no limit: write a table such as [succeeded.hardened] with cores_max = 0.05."
        )
    return Budget(file=file, tables=tables, command=command, runs=runs)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise HotloopError(f"{file} is no text in UTF-8: byte {error.start} is none.") from error
    except OSError as error:
        raise HotloopError(f"{file} cannot be read: {error.strerror or error}.") from error


def _parsed(text: str, file: Path) -> dict[str, dict[str, dict[str, object]]]:
    try:
        found: dict[str, dict[str, dict[str, object]]] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise HotloopError(f"{file} is no TOML: {error}.") from error
    return found


def _command(table: object, file: str) -> tuple[tuple[str, ...], int | None]:
    """Read `[run]`."""
    if not isinstance(table, dict):
        raise HotloopError(f"{file}: run has to be a table: [run] with command = [...].")
    for key in table:
        if key not in {"command", "runs"}:
            hint = did_you_mean(str(key), ("command", "runs"))
            raise HotloopError(f"{file}: [run] has no {key!r}, only command and runs.{hint}")
    command, runs = table.get("command", []), table.get("runs")
    if isinstance(command, str):
        try:
            command = shlex.split(command)
        except ValueError as error:
            raise HotloopError(f"{file}: [run] command cannot be split into words: {error}.") from error
    if not (
        isinstance(command, list) and all(isinstance(word, str) and "\0" not in word for word in command)
    ):
        raise HotloopError(f"{file}: [run] command has to be a list of words.")
    if runs is not None and (not isinstance(runs, int) or isinstance(runs, bool) or runs < 1):
        raise HotloopError(f"{file}: [run] runs has to be a whole number from 1.")
    return tuple(command), runs


def _tables(name: str, under: object, file: str, lines: "_Lines") -> Iterator[Table]:
    """Read what stands under a first name."""
    if not isinstance(under, dict) or not under:
        raise HotloopError(f"{file}: {name} has to be a table of tables, such as {_example(name)}.")
    for second, entry in under.items():
        entries = entry if isinstance(entry, list) else [entry]
        if not entries or not all(isinstance(each, dict) for each in entries):
            raise HotloopError(
                f"{file}: {name}.{second} stands for no table: write it under {_example(name)}."
            )
        for number, each in enumerate(entries):
            yield _table((name, second), each, file, lines, number)


def _example(name: str) -> str:
    second = {"record": '"worker.py"', "benchmark": '"test_view"'}.get(name, "hardened")
    return f"[{name if re.fullmatch(r'[A-Za-z0-9_-]+', name) else 'succeeded'}.{second}]"


def _table(
    path: tuple[str, str], entry: Mapping[str, object], file: str, lines: "_Lines", number: int
) -> Table:
    line = lines.table(path, number)
    where = f"{file}: {Table(path=path, views=None, workers=None, limits=(), line=0).title}"
    chosen: dict[str, int] = {}
    limits = []
    for key, value in entry.items():
        if key in _SELECTORS and source(path[0]) == "run":
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise HotloopError(f"{where}: {key} has to be a whole number from 1, not {value!r}.")
            chosen[key] = value
        else:
            limits.append(_limit(path[0], key, value, where, lines.key(line, key)))
    if not limits:
        raise HotloopError(f"{where} holds no limit: write one such as cores_max = 0.05.")
    _check_order(limits, where)
    return Table(
        path=path, views=chosen.get("views"), workers=chosen.get("workers"), limits=tuple(limits), line=line
    )


def _limit(name: str, key: str, value: object, where: str, line: int) -> Limit:
    """Read one limit."""
    if key == VERDICTS and source(name) != "benchmark":
        return Limit(figure=key, bound="exact", value=None, verdicts=_verdicts(value, where), line=line)
    figure, bound = _split(name, key, where)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise HotloopError(f"{where}: {key} has to be a number, not {value!r}.")
    return Limit(figure=figure, bound=bound, value=value, line=line)


def _split(name: str, key: str, where: str) -> tuple[str, Bound]:
    """Tell the figure from the bound."""
    stem, bound = key, "exact"
    for each in ("max", "min"):
        if key.endswith(f"_{each}"):
            stem, bound = key.removesuffix(f"_{each}"), each
    if source(name) == "benchmark":
        return stem, bound  # type: ignore[return-value] # one of the two
    known = {figure.name: figure for figure in (RECORD if name == "record" else RUN)}
    if stem not in known:
        raise HotloopError(
            f"{where} has no {key!r}.{did_you_mean(key, _keys(known.values())) or _all(known)}"
        )
    if bound == "exact" and known[stem].kind != "count":
        raise HotloopError(f"{where}: {key} differs from run to run: write {key}_max, or {key}_min.")
    return stem, bound  # type: ignore[return-value] # likewise


def _keys(figures: Iterable[Figure]) -> list[str]:
    names = [VERDICTS, *_SELECTORS]
    for figure in figures:
        names += [f"{figure.name}_max", f"{figure.name}_min"] + [figure.name] * (figure.kind == "count")
    return names


def _all(known: Mapping[str, Figure]) -> str:
    return f" There are {', '.join([*known, VERDICTS])}, with _max or _min behind a figure's name."


def _verdicts(value: object, where: str) -> tuple[str, ...]:
    allowed = [value] if isinstance(value, str) else value
    if not isinstance(allowed, list) or not allowed or not all(isinstance(each, str) for each in allowed):
        raise HotloopError(f'{where}: verdicts has to be a list of the allowed ones, such as ["healthy"].')
    known = [name for name in get_args(VerdictName) if name != "unknown"]
    for each in allowed:
        if each not in known:
            hint = did_you_mean(each, known) or f" There are {', '.join(known)}."
            raise HotloopError(f"{where}: no verdict is called {each!r}.{hint}")
    return tuple(allowed)


def _check_order(limits: Sequence[Limit], where: str) -> None:
    """Refuse limits that no run can keep."""
    for low, high in itertools.product(limits, limits):
        if low.figure != high.figure or low.value is None or high.value is None:
            continue
        if low.bound in {"min", "exact"} and high.bound in {"max", "exact"} and low.value > high.value:
            raise HotloopError(f"{where}: {low.rule} and {high.rule} leave no value.")


class _Lines:
    """The numbers of the lines that tables and keys stand in, as far as they are written in the usual way."""

    def __init__(self, text: str, prefix: str) -> None:
        self._lines = text.splitlines()
        self._prefix = prefix

    def table(self, path: tuple[str, str], number: int) -> int:
        """Give the line of a table's name; `number` counts those of the same name from 0."""
        names = [rf"""["']?{re.escape(part)}["']?""" for part in path]
        header = re.compile(rf"\s*\[+\s*{re.escape(self._prefix)}{names[0]}\s*\.\s*{names[1]}\s*\]+")
        found = [place for place, line in enumerate(self._lines, 1) if header.match(line)]
        return found[number] if number < len(found) else 0

    def key(self, table: int, key: str) -> int:
        """Give the line of a key below its table's name."""
        if not table:
            return 0
        for place, line in enumerate(self._lines[table:], table + 1):
            if line.lstrip().startswith("["):
                break
            if re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return place
        return 0
