"""Types of arguments: what is taken, and what is told of what is not."""

import click
import pytest

from diag.arguments import Names, Pid, Process, Seconds
from diag.errors import HotloopError
from diag.lookup import AmbiguousError, Candidate

NAMES = Names(("buggy", "frozen", "hardened"))


@pytest.mark.parametrize(
    ("kind", "word", "value"),
    [
        (Pid(), "17", 17),
        (Seconds(min=0.5, max=9), "2", 2.0),
        (NAMES, "hardened, buggy,,hardened", ("hardened", "buggy")),
        (NAMES, "all", ("buggy", "frozen", "hardened")),
    ],
)
def test_words_become_values(kind: click.ParamType[object], word: str, value: object) -> None:
    """Numbers are numbers; names keep their order, and each counts once."""
    assert kind.convert(word, None, None) == value


@pytest.mark.parametrize(
    ("kind", "word", "said"),
    [
        (Pid(), "python", "'python' is no process number"),
        (Pid(), "0", "'0' is no process number"),
        (Pid(), "²", "'²' is no process number"),
        (Seconds(min=0.5), "soon", "'soon' is no number of seconds"),
        (Seconds(min=0.5), "nan", "'nan' is no number of seconds"),
        (Seconds(min=0.5), "inf", "'inf' is no number of seconds"),
        (Seconds(min=0.5), "0.1", "not in the range"),
        (NAMES, "bugy", "no 'bugy' is known. Did you mean 'buggy'?"),
        (NAMES, "xyz", "no 'xyz' is known. There are buggy, frozen, hardened."),
        (NAMES, ",", "no name is given"),
    ],
)
def test_other_words_are_refused(kind: click.ParamType[object], word: str, said: str) -> None:
    """A usage error that says what would do."""
    with pytest.raises(click.BadParameter) as failure:
        kind.convert(word, None, None)
    assert said in failure.value.message


def test_a_process_is_found() -> None:
    """By whatever finds it."""
    assert Process({"app.py": 7}.__getitem__).convert("app.py", None, None) == 7


def test_candidates_fit_a_narrow_terminal() -> None:
    """A line each, at most 80 wide, whose characters steer no terminal; programs without their folder."""

    def find(_text: str) -> int:
        long = ("/opt/venv/bin/python", "app.py", "\x1b[31m", "--name", "x" * 90)
        young, old = Candidate(12, 0.0, 59.0, ("python", "app.py")), Candidate(4194303, 1.02, 5e6, long)
        raise AmbiguousError("2 Python processes match 'app.py'.", [young, old])

    with pytest.raises(HotloopError) as raised:
        Process(find).convert("app.py", None, None)
    sentence, header, first, second = str(raised.value).split("\n")
    assert sentence == "2 Python processes match 'app.py'. Give the PID of one."
    assert header == "     PID   CPU  AGE  COMMAND"
    assert first.startswith(" 4194303  102%  57d  python app.py ?[31m --name xxx")
    assert (len(first), first[-1]) == (80, "…")
    assert second == "      12    0%  59s  python app.py"
