"""Stacks are merged by function, and library frames are folded and counted."""

from example_runs import HANDLER, PYTHON, Stack, recording, sampled

from diag.origin import Origin
from diag.recording import Frame, Stacks, StackSample
from diag.reports import flametree
from diag.reports.flametree import MAX_DEPTH, Box, FlameTree, walk

VIEW = ("view", "/home/me/hotloop/repro/server/variants/buggy.py", 30)


def tree(*stacks: Stack) -> FlameTree:
    """Build the tree of stacks."""
    return flametree.build(recording(stacks=[sampled(stacks)]))


def box(merged: FlameTree, function: str) -> Box:
    """Find the one box of a function."""
    (found,) = [box for box in walk(merged.roots) if box.function == function]
    return found


def test_what_starts_the_event_loop_is_folded_with_it() -> None:
    """The program's start, own frames included, and the loop's plumbing become one box that counts them all."""
    (loop,) = tree(Stack((*HANDLER, VIEW), 3)).roots
    assert loop.origin is Origin.ASYNCIO
    assert loop.fold
    assert (loop.fold.most, loop.fold.packages) == (6, ("asyncio", "start"))


def test_library_frames_between_own_ones_are_folded_and_counted() -> None:
    """Two frames of aiohttp become one box, and own frames keep their names."""
    ((aiohttp,),) = [root.children for root in tree(Stack((*HANDLER, VIEW), 3)).roots]
    assert aiohttp.origin is Origin.LIBRARY
    assert aiohttp.fold
    assert (aiohttp.fold.most, aiohttp.fold.packages) == (2, ("aiohttp",))
    assert [child.function for child in aiohttp.children] == ["logs"]


def test_without_an_event_loop_nothing_own_is_folded() -> None:
    """A thread's own frames stay, also where asyncio is called from them."""
    (view,) = tree(Stack((VIEW, ("get_loop", f"{PYTHON}/asyncio/mixins.py", 4)), 3)).roots
    assert view.function == "view"


def test_folds_of_different_length_are_one_box() -> None:
    """A folded box says between how many and how many frames it folds."""
    short, long = ("wait", f"{PYTHON}/asyncio/tasks.py", 1), ("_wait", f"{PYTHON}/asyncio/tasks.py", 2)
    (view,) = tree(Stack((VIEW, short), 1), Stack((VIEW, short, long), 2)).roots
    (fold,) = [child.fold for child in view.children]
    assert fold
    assert (fold.fewest, fold.most, fold.functions) == (1, 2, 2)


def test_a_function_is_one_box_with_its_lines() -> None:
    """Samples on two lines of a function are summed, and the lines are kept, most first."""
    merged = tree(Stack((VIEW,), 2), Stack(((*VIEW[:2], 31),), 5))
    view = box(merged, "view")
    assert (view.samples, view.self_samples) == (7, 7)
    assert view.lines == ((31, 5), (30, 2))


def test_shares_are_of_all_processes_together() -> None:
    """The samples and looks of several processes are added up."""
    merged = flametree.build(recording(stacks=[sampled([Stack((VIEW,), 10)], pid=pid) for pid in (1, 2)]))
    assert merged.samples == box(merged, "view").samples == 20
    assert merged.ticks == 900


def test_a_deep_recursion_is_cut() -> None:
    """A stack deeper than the limit ends in its last box, and no sample is lost."""
    deep = tuple((f"f{depth}", "/home/me/app.py", depth) for depth in range(MAX_DEPTH + 40))
    merged = tree(Stack(deep, 4))
    boxes = list(walk(merged.roots))
    assert len(boxes) == MAX_DEPTH
    assert sum(box.self_samples for box in boxes) == 4


def test_no_stacks_give_an_empty_tree() -> None:
    """A recording without stacks, or with an empty one, is no failure."""
    assert flametree.build(recording()).roots == ()
    empty = Stacks(
        pid=1,
        start=0,
        end=1,
        frames=(Frame(function="f", file="f.py", line=1),),
        samples=(StackSample(at=0, thread="t", frames=()),),
        ticks=100,
        errors=0,
        late=0,
    )
    assert flametree.build(recording(stacks=[empty])).samples == 1
