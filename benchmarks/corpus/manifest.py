"""The manifest of a corpus: its cases, how each is started, and what is expected of its diagnosis."""

import re
from pathlib import Path
from typing import Literal, Self

import msgspec

from diag.errors import HotloopError

Expected = Literal["spin", "leak", "starvation", "healthy"]


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """How a process is started: the interpreter, its flags, and the script's arguments after its SECONDS."""

    python: str
    """Version, such as "3.11.7" or "3.8"; of a virtual environment it is only documentation."""
    venv: str = ""
    """Name of the virtual environment; "" for any interpreter of the version, with nothing installed."""
    python_flags: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


class Case(Start, frozen=True, kw_only=True):
    """A row of a manifest."""

    name: str
    script: str
    """Relative to the folder of the manifest."""
    expect: Expected
    expect_function: str = ""
    """Where the fault lies: "function / Class.other (folder/file.py, other.py)"."""
    also_accept: tuple[str, ...] = ()
    """Other places that are as good, written alike."""
    cause: tuple[str, ...] = ()
    """Codes of the catalogue, each of which is right; () where none is known."""
    kind: str = ""
    source: str = ""
    notes: str = ""
    warmup_s: float = 1.0
    """How long the fault takes to develop, from the word READY on."""
    twin: Start | None = None
    """The healthy version of the same."""


class Place(msgspec.Struct, frozen=True):
    """Functions in files, any of which is meant."""

    functions: tuple[str, ...]
    files: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "function / Class.other (folder/file.py, other.py)".

        Raises:
            HotloopError: it is not of that form.
        """
        found = re.fullmatch(r"(.+?)\s*\((.+)\)", text.strip())
        if found is None:
            raise HotloopError(f'"{text}" is no place: write it as "function (folder/file.py)".')
        functions = tuple(name.strip() for name in found[1].split("/"))
        return cls(functions, tuple(file.strip() for file in found[2].split(",")))

    def matches(self, function: str, file: str) -> bool:
        """Whether a function of a file is meant; of qualified names, the last part counts."""
        named = {name.rpartition(".")[2] for name in self.functions}
        return function.rpartition(".")[2] in named and any(
            f"/{file}".endswith("/" + each) for each in self.files
        )


class Corpus(msgspec.Struct, frozen=True):
    """A folder of cases."""

    folder: Path
    cases: tuple[Case, ...]


def load(folder: Path, causes: dict[str, tuple[str, ...]] | None = None) -> Corpus:
    """Read a folder's manifest.json.

    Args:
        folder: of the corpus.
        causes: codes by the name of the case, for a manifest that names none.

    Raises:
        HotloopError: there is no manifest, or it cannot be read.
    """
    path = folder / "manifest.json"
    try:
        cases = msgspec.json.decode(path.read_bytes(), type=tuple[Case, ...])
    except OSError as error:
        raise HotloopError(f"{path} cannot be read: {error.strerror}.") from None
    except msgspec.DecodeError as error:
        raise HotloopError(f"{path} is no manifest of a corpus: {error}.") from None
    known = causes or {}
    return Corpus(
        folder,
        tuple(msgspec.structs.replace(case, cause=case.cause or known.get(case.name, ())) for case in cases),
    )
