"""A line's heat is its share of the samples."""

from example_runs import Stack, recording, sampled

from diag.recording import Recording
from diag.reports import heat

FILE = "/somewhere/else/repro/server/variants/buggy.py"
SOURCE = 'def spin() -> None:\n    """Turn <b>round</b>."""\n    while True:\n        step()\n'


def spinning() -> Recording:
    """Record 100 samples: 60 on line 4 through a callee, 20 on line 3, and 20 elsewhere."""
    return recording(
        stacks=[
            sampled(
                [
                    Stack((("main", "/app.py", 1), ("spin", FILE, 4), ("step", "/app.py", 9)), 60),
                    Stack((("main", "/app.py", 1), ("spin", FILE, 3)), 20),
                    Stack((("main", "/app.py", 2),), 20),
                ]
            )
        ]
    )


def test_a_line_is_counted_by_itself_and_through_what_it_calls() -> None:
    """Self counts innermost frames, through counts every stack the line is on; shares are of all samples."""
    measured = heat.measure(spinning(), "repro/server/variants/buggy.py")
    assert measured.samples == 100
    assert measured.lines == {4: heat.Line(0, 60), 3: heat.Line(20, 20)}


def test_recursion_counts_a_line_once_a_stack() -> None:
    """A line that is on a stack twice was there in one sample."""
    frame = ("spin", FILE, 4)
    measured = heat.measure(recording(stacks=[sampled([Stack((frame, frame, frame), 5)])]), FILE)
    assert measured.lines[4] == heat.Line(5, 5)


def test_a_file_is_known_by_whole_folders() -> None:
    """`y.py` is not `buggy.py`."""
    assert heat.measure(spinning(), "uggy.py").lines == {}
    assert heat.measure(spinning(), "variants/buggy.py").lines


def test_the_table_shows_shares_and_marks_hot_lines() -> None:
    """Each line has its number, self and through; the hot one its class."""
    html = str(heat.render(SOURCE, heat.measure(spinning(), FILE), caption="c"))
    assert '<tr class="hot" style="--heat:60%"><td>4</td><td></td><td>60 %</td>' in html
    assert "<td>3</td><td>20 %</td><td>20 %</td>" in html
    assert html.count("<tr") == 1 + len(SOURCE.splitlines())


def test_source_is_escaped() -> None:
    """Markup in the source is shown, not applied."""
    html = str(heat.render(SOURCE, None, caption="<c>"))
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "&lt;c&gt;" in html


def test_lines_before_the_first_wanted_are_left_out() -> None:
    """The numbers stay those of the file."""
    html = str(heat.render(SOURCE, None, caption="c", first=3))
    assert "<td>3</td>" in html
    assert "<td>2</td>" not in html
