"""`[tool.hotloop]`."""

from pathlib import Path

import msgspec
import pytest

from diag.errors import HotloopError
from diag.lint.settings import Settings, load


def written(folder: Path, text: str) -> Path:
    """Write a project's settings."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_the_nearest_file_that_has_settings(tmp_path: Path) -> None:
    """One of another tool in between has no say."""
    written(tmp_path, '[tool.hotloop]\nexclude = ["a"]\n')
    inner = written(tmp_path / "inner", "[tool.ruff]\n")
    source = inner / "app.py"
    source.touch()
    found = load([source, inner])
    assert (found.exclude, found.root) == (("a",), tmp_path.resolve())


def test_none_at_all(tmp_path: Path) -> None:
    """Every rule that stands alone is on."""
    assert "HL001" in {rule.code for rule in load([tmp_path]).rules()}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[tool.hotloop]\nexlude = ["a"]\n', r"no setting 'exlude'\. Did you mean 'exclude'\?"),
        ("[tool.hotloop]\ncolour = true\n", r"no setting 'colour'\. There are select, ignore, exclude\."),
        ('[tool.hotloop]\nselect = "HL001"\n', r"select .* must be a list of texts, such as \[\"HL001\"\]"),
        ("[tool.hotloop]\nexclude = [1]\n", "exclude .* must be a list of texts"),
        ('[tool.hotloop]\nselect = ["HL01"]\n', "No rule 'HL01' is known"),
        ('[tool.hotloop]\nselect = ["HL002"]\n', "HL002 cannot be told from source alone"),
        ('tool.hotloop = "x"\n', "is no table"),
        ("[tool.hotloop\n", "cannot be read"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, told: str) -> None:
    """With the file and what there is instead."""
    written(tmp_path, text)
    with pytest.raises(HotloopError, match=told) as caught:
        load([tmp_path])
    assert str(tmp_path / "pyproject.toml") in str(caught.value)


def test_codes_that_are_left() -> None:
    """A code that takes a measurement may be ignored; to ignore all is an error."""
    alone = {rule.code for rule in Settings(select=("HL001",), ignore=("HL002",)).rules()}
    assert alone == {"HL001"}
    with pytest.raises(HotloopError, match="No rule is left"):
        msgspec.structs.replace(Settings(), select=("HL001",), ignore=("HL001",)).rules()
