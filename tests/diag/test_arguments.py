"""Types of arguments: what is taken, and what is told of what is not."""

import click
import pytest

from diag.arguments import Names, Pid, Seconds

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
