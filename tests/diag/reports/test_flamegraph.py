"""The flamegraph is plain HTML that says what it leaves out and cannot be injected into."""

from example_runs import Stack, recording, sampled, stacks_of

from diag.reports import flamegraph, flametree
from diag.reports.flamegraph import MOST_BOXES


def drawn(*stacks: Stack, smallest: float = 0.01) -> str:
    """Draw stacks."""
    tree = flametree.build(recording(stacks=[sampled(stacks)]))
    return str(flamegraph.render(tree, label="of a test", smallest=smallest))


def test_hostile_names_stay_text() -> None:
    """A function or file name of a recording is never markup."""
    hostile = '"><script>alert(1)</script>'
    html = drawn(Stack(((hostile, f"/home/{hostile}", 1),), 5))
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_tiny_boxes_are_left_out_and_their_share_is_said() -> None:
    """What is under one in a hundred samples is not drawn, and the note sums it up."""
    html = drawn(Stack((("big", "/a.py", 1),), 995), Stack((("tiny", "/a.py", 9),), 5))
    assert "big" in html
    assert "tiny" not in html
    assert "boxes under 1 % of the samples, 0.5 % in all" in html


def test_a_graph_of_many_boxes_is_bounded() -> None:
    """Of hundreds of boxes the widest are drawn, and the rest is said."""
    html = drawn(
        Stack((("wide", "/a.py", 1),), 1000),
        *(Stack(((f"f{n}", "/a.py", n),), 20) for n in range(300)),
        smallest=0.001,
    )
    assert html.count("<li") <= MOST_BOXES
    assert "wide" in html
    assert "boxes under 0.3 % of the samples, 86 % in all" in html


def test_folds_say_how_many_frames() -> None:
    """A folded box names its packages and the frames folded."""
    html = drawn(*stacks_of("buggy"))
    assert "asyncio and the program&#39;s start · 6 frames folded" in html
    assert "aiohttp · 2 frames folded" in html
    assert "frames folded, " in html


def test_the_hot_function_is_marked_and_what_leads_to_it_is_not() -> None:
    """The spinning functions are hot; the handler that calls on is not."""
    html = drawn(*stacks_of("buggy"))
    assert 'class="own hot" title="read_log' in html
    assert 'class="own hot" title="view' in html
    assert 'class="own" title="logs' in html


def test_no_samples_are_a_sentence() -> None:
    """A process that slept has no flamegraph, and the page says why."""
    html = flamegraph.render(flametree.build(recording()), label="nothing")
    assert "the process slept at every look" in html
