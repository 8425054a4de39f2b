"""Runs the linter on the standard library and on packages from PyPI: `python -m benchmarks.lint_study`.

Prints a table of the packages and all reports, with the verdict on each that `lint_verdicts.json` holds. A report without a
verdict, or one judged wrong, is exit code 1.
"""

import argparse
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

import msgspec

from diag.lint.checking import File
from diag.lint.finding import Checked, Finding
from diag.lint.parallel import check_all
from diag.lint.rules import RULES

PACKAGES = (
    *(
        "aio-pika",
        "aiohttp",
        "aiokafka",
        "aiomqtt",
        "aiormq",
        "anyio",
        "asyncpg",
        "asyncssh",
        "celery",
        "channels",
        "daphne",
    ),
    *(
        "dask",
        "discord.py",
        "distributed",
        "fastapi",
        "gevent",
        "gunicorn",
        "homeassistant",
        "httpcore",
        "httpx",
        "hypercorn",
    ),
    *(
        "kubernetes",
        "kubernetes-asyncio",
        "motor",
        "nats-py",
        "paho-mqtt",
        "pymongo",
        "python-engineio",
        "python-socketio",
    ),
    *(
        "pyzmq",
        "redis",
        "sanic",
        "scrapy",
        "sse-starlette",
        "starlette",
        "tornado",
        "trio",
        "twisted",
        "uvicorn",
        "waitress",
    ),
    *("websockets", "wsproto"),
)
VERDICTS = Path(__file__).with_name("lint_verdicts.json")
"""By fingerprint: "right" or "wrong", and why."""


class Verdict(msgspec.Struct, frozen=True):
    """What a person who read a report thinks of it."""

    right: bool
    why: str


class Row(msgspec.Struct, frozen=True):
    """A package that was checked."""

    name: str
    version: str
    lines: int
    checked: tuple[Checked, ...]

    @property
    def reports(self) -> tuple[Finding, ...]:
        """Everything that was found."""
        return tuple(one for file in self.checked for one in file.findings)


def main(words: list[str]) -> int:
    """Install, check, print; 1 where a report is not judged to be right."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lint_study", description=__doc__)
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="the environment, made if it is not there, and kept"
    )
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="hotloop-study-") as folder:
        place = given.keep or Path(folder) / "venv"
        rows = [standard_library(), *packages(installed(place))]
    verdicts = msgspec.json.decode(VERDICTS.read_bytes(), type=dict[str, Verdict])
    print(table(rows))  # noqa: T201 - a command
    print(listed(rows, verdicts))  # noqa: T201 - likewise
    judged = [verdicts.get(one.fingerprint) for row in rows for one in row.reports]
    return 0 if all(one is not None and one.right for one in judged) else 1


def installed(place: Path) -> Path:
    """Install the packages, without what they need, and give their folder."""
    if not (place / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        pip: list[str | Path] = [
            place / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-compile",
        ]
        subprocess.run([*pip, *PACKAGES], check=True)
    return next((place / "lib").glob("python3*/site-packages"))


def standard_library() -> Row:
    """Check the standard library of this interpreter, its tests included."""
    top = Path(sysconfig.get_path("stdlib"))
    files = [file for file in sorted(top.rglob("*.py")) if "site-packages" not in file.parts]
    return _row("standard library", sys.version.partition(" ")[0], top, files)


def packages(folder: Path) -> Iterator[Row]:
    """Check each package."""
    wanted = {_plain(name) for name in PACKAGES}
    found = {_plain(one.name): one for one in distributions(path=[str(folder)])}
    for name in sorted(wanted & set(found)):
        one = found[name]
        yield _row(one.name, one.version, folder, _sources(one))


def _sources(one: Distribution) -> list[Path]:
    return sorted(Path(str(file.locate())) for file in one.files or () if file.suffix == ".py")


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _row(name: str, version: str, top: Path, files: list[Path]) -> Row:
    there = [file for file in files if file.is_file()]
    given = [File(file, str(file.relative_to(top))) for file in there]
    lines = sum(file.read_bytes().count(b"\n") for file in there)
    return Row(name, version, lines, tuple(check_all(given, RULES)))


def table(rows: list[Row]) -> str:
    """Write the packages as Markdown."""
    lines = [
        "| package | version | files | lines | not checked | "
        + " | ".join(rule.code for rule in RULES)
        + " |"
    ]
    lines.append("|---|---|" + "---:|" * (3 + len(RULES)))
    for row in rows:
        counts = [sum(one.code == rule.code for one in row.reports) for rule in RULES]
        problems = sum(bool(file.problems) for file in row.checked)
        figures = [len(row.checked), row.lines, problems, *counts]
        lines.append(
            f"| {row.name} | {row.version} | " + " | ".join(f"{figure:,}" for figure in figures) + " |"
        )
    whole = [sum(len(row.checked) for row in rows), sum(row.lines for row in rows)]
    return "\n".join([*lines, "", f"{whole[0]:,} files, {whole[1]:,} lines in all."]) + "\n"


def listed(rows: list[Row], verdicts: dict[str, Verdict]) -> str:
    """Write each report with its verdict as Markdown."""
    lines = ["| report | rule | verdict |", "|---|---|---|"]
    for row in rows:
        for one in row.reports:
            verdict = verdicts.get(one.fingerprint)
            said = "not judged: " + one.fingerprint
            if verdict:
                said = f"{'right' if verdict.right else 'wrong'}: {verdict.why}"
            lines.append(
                f"| {row.name} `{one.file}:{one.place.line}` `{one.function}` | {one.code} | {said} |"
            )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
