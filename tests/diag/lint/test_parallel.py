"""Several processes."""

from pathlib import Path

from lint_made import FAULT

from diag.lint.checking import File
from diag.lint.parallel import WORTH, check_all
from diag.lint.rules import RULES


def test_the_order_and_the_results_are_those_of_one_process(tmp_path: Path) -> None:
    """However the files are divided."""
    files = []
    for number in range(WORTH + 50):
        file = tmp_path / f"f{number}.py"
        file.write_text(FAULT if number % 7 == 0 else "x = 1\n")
        files.append(File(file, file.name))
    alone = list(check_all(files, RULES, 1))
    assert list(check_all(files, RULES, 2)) == alone
    assert [one.file for one in alone] == [file.shown for file in files]
    assert sum(len(one.findings) for one in alone) == 50
