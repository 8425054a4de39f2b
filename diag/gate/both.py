"""Measures two revisions by turns: the working tree as it is, and a checkout of another revision beside it."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from diag.errors import HotloopError
from diag.gate import commands, imported, reading
from diag.gate.samples import Sample

RUNS = 10
"""Runs of each side: with five, figures that differ would soon be too many for one to stand out."""

OUTPUT = "{output}"
Side = Literal["base", "this"]
Tell = Callable[[int, str], None]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be measured."""

    reference: str
    """The other revision, as git takes it."""
    command: tuple[str, ...]
    runs: int
    limit: float
    """Seconds after which a run is ended."""
    keep: Path | None = None


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The samples of both sides."""

    base: list[Sample]
    this: list[Sample]
    name: str
    """The other revision, for readers."""


class _Tree(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout, and the folder in it that corresponds to where the user stands."""

    side: Side
    root: Path
    folder: Path


def measure(plan: Plan, tell: Tell, folder: Path | None = None) -> Measured:
    """Run the command by turns in both revisions, and read what it left.

    The working tree is measured as it is, with what is not committed. The other revision is checked out into a temporary
    folder, which is removed whatever happens.

    Args:
        plan: what to measure.
        tell: told of the progress.
        folder: where the user stands; the working directory by default.

    Raises:
        HotloopError: no repository, no such revision, a run failed or took too long, or both sides ran the same code.
    """
    here = (folder or Path.cwd()).resolve()
    _check_command(plan.command)
    root = Path(_git(here, "rev-parse", "--show-toplevel"))
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{plan.reference}^{{commit}}"
    )
    name = _git(root, "describe", "--always", "--abbrev=9", commit)
    with _places(plan.keep) as (scratch, kept), _checkout(root, commit, scratch / "base") as other:
        trees = {
            "base": _Tree(side="base", root=other, folder=other / here.relative_to(root)),
            "this": _Tree(side="this", root=root, folder=here),
        }
        if not trees["base"].folder.is_dir():
            raise HotloopError(
                f"{plan.reference} has no folder {here.relative_to(root)}: go to one that it has."
            )
        places: dict[str, list[Path]] = {"base": [], "this": []}
        for number, side in enumerate(order(plan.runs)):
            tell(number, f"{plan.reference if side == 'base' else 'this'}, run {len(places[side]) + 1}")
            place = kept / side / f"{len(places[side]) + 1:03}"
            foreign = trees["this" if side == "base" else "base"].root
            places[side].append(_run(plan, trees[side], foreign, place, here))
        tell(2 * plan.runs, "judging")
        label = f"{plan.reference} ({name})" if name != plan.reference else name
        return Measured(
            base=reading.read_all(places["base"]), this=reading.read_all(places["this"]), name=label
        )


def order(runs: int) -> list[Side]:
    """Give who runs when: base, this, this, base, ... so that a machine that slows down slows both alike."""
    pairs: tuple[tuple[Side, Side], tuple[Side, Side]] = (("base", "this"), ("this", "base"))
    return [side for number in range(runs) for side in pairs[number % 2]]


def _check_command(command: Sequence[str]) -> None:
    if not command:
        raise HotloopError(
            f"There is no command to run: give it behind --, with {OUTPUT} for where it writes, or as command of [run]"
            " in gate.toml."
        )
    if not any(OUTPUT in word for word in command):
        raise HotloopError(
            f"The command does not say where it writes: put {OUTPUT} there, as in `repro run -o {OUTPUT}` or"
            f" `pytest --benchmark-json={OUTPUT}.json`."
        )


@contextlib.contextmanager
def _places(keep: Path | None) -> Iterator[tuple[Path, Path]]:
    """Give a scratch folder, and the one for the runs."""
    if keep is not None:
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise HotloopError(f"{keep} is there already: name a new folder with --keep.")
        keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hotloop-gate-") as scratch:
        yield Path(scratch), keep.resolve() if keep is not None else Path(scratch) / "runs"


@contextlib.contextmanager
def _checkout(root: Path, commit: str, place: Path) -> Iterator[Path]:
    """Check a commit out into a folder, as a worktree that is gone afterwards."""
    try:
        _git(root, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", str(place), commit)
        yield place
    finally:
        with _uninterrupted(), contextlib.suppress(HotloopError):
            shutil.rmtree(place, ignore_errors=True)
            _git(root, "worktree", "prune")


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let nobody interrupt the cleaning up; it takes a moment."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _git(folder: Path, *words: str) -> str:
    """Ask git.

    Raises:
        HotloopError: in its words.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's git
            capture_output=True, text=True, check=False, start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise HotloopError("--run-both needs git, and there is none: install it.") from None
    if done.returncode == 0:
        return done.stdout.strip()
    if "--verify" in words:
        raise HotloopError(
            f"There is no revision {words[-1].removesuffix('^{commit}')!r} here: fetch it first, or name another one."
        )
    if "--show-toplevel" in words:
        raise HotloopError(f"{folder} lies in no git repository: --run-both compares two revisions of one.")
    told = done.stderr.strip().splitlines()
    raise HotloopError(f"git could not do it: {told[-1] if told else f'exit code {done.returncode}'}")


def _run(plan: Plan, tree: _Tree, other: Path, place: Path, here: Path) -> Path:
    """Run the command once in a tree, make sure whose code it was, and give what it wrote."""
    place.parent.mkdir(parents=True, exist_ok=True)
    command = [word.replace(OUTPUT, str(place)) for word in plan.command]
    command[0] = program(command[0], here)
    told = "the working tree" if tree.side == "this" else plan.reference
    with imported.watched(tree.root, other) as watch:
        environment = {**os.environ, **watch.environment, "PWD": str(tree.folder)}
        commands.run(
            command,
            folder=tree.folder,
            environment=environment,
            limit=plan.limit,
            log=place.with_suffix(".log"),
            told=told,
        )
        watch.check(told)
    for written in (place, place.with_suffix(".json")):
        if written.exists():
            return written
    raise HotloopError(f"The command left nothing at {place}: it has to write its results at {OUTPUT}.")


def program(name: str, here: Path) -> str:
    """Give the program: a path of the user's working directory, such as .venv/bin/python, is meant there for both sides."""
    path = here / name
    return str(path) if "/" in name and path.exists() else name
