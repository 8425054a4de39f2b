"""A census of tasks, as JSON and as a table."""

from typing import TYPE_CHECKING, Any

from diag.commands._tables import add_row, growth, left_out, short, signed

if TYPE_CHECKING:
    from rich.console import Group

    from diag.recording import Census, TaskGroup


def as_json(census: "Census", before: "Census | None") -> dict[str, Any]:
    """Give the JSON of a look (schema 1); rates are null without a look before it."""
    import msgspec

    seconds = census.at - before.at if before else 0.0
    by_coroutine: dict[str, int] = {}
    for group in census.groups:
        if group.state != "done":
            by_coroutine[group.coroutine] = by_coroutine.get(group.coroutine, 0) + group.count
    return {
        "schema": 1,
        "pid": census.pid,
        "tasks": {
            "live": census.live,
            "done": sum(group.count for group in census.groups) - census.live,
            "created": census.created,
            "growth_per_second": growth(census.live, before.live if before else None, seconds),
            "created_per_second": growth(census.created, before.created if before else None, seconds),
            "by_coroutine": by_coroutine,
        },
        "groups": msgspec.to_builtins(census.groups),
        "seconds": round(census.seconds, 4),
    }


def render(census: "Census", before: "Census | None", rows: int = 0) -> "Group":
    """Draw a look: the totals, and a row a group, at most so many (0 for all); with growth if there is a look before."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("coroutine", overflow="fold", ratio=4)
    table.add_column("state")
    table.add_column("count", justify="right")
    if before:
        table.add_column("per second", justify="right")
    table.add_column("waits at", overflow="fold", ratio=5)
    old = {_key(group): group.count for group in before.groups} if before else {}
    seconds = census.at - before.at if before else 0.0
    shown = census.groups[: rows or None]
    for group in shown:
        change = [signed(growth(group.count, old.get(_key(group), 0), seconds))] if before else []
        add_row(table, group.coroutine, group.state, f"{group.count:,}", *change, _where(group))
    parts = [Text(_summary(census, before), style="bold")]
    rest = census.groups[len(shown) :]
    more = [Text(left_out(len(rest), _tasks(sum(group.count for group in rest))))] if rest else []
    return Group(*parts, table, *more) if census.groups else Group(*parts)


def _key(group: "TaskGroup") -> tuple[str, ...]:
    return (group.coroutine, group.file, str(group.line), group.state, group.waiting, group.waits_for)


def _where(group: "TaskGroup") -> str:
    """Say where tasks wait and for what, or else where their coroutine is defined."""
    if not group.waiting:
        return f"defined at {short(f'{group.file}:{group.line}')}" if group.file else "?"
    awaited = group.waits_for.rpartition(".")[2]
    return short(group.waiting) + (f" for {awaited}" if awaited else "")


def _tasks(number: int) -> str:
    return f"{number:,} tasks" if number != 1 else "1 task"


def _summary(census: "Census", before: "Census | None") -> str:
    """Put the totals into a sentence."""
    if not census.groups:
        return f"process {census.pid}: no asyncio tasks"
    done = sum(group.count for group in census.groups) - census.live
    parts = [f"{census.live:,} live tasks" if census.live != 1 else "1 live task", f"{done:,} done"]
    if census.created is not None:
        parts.append(f"{census.created:,} created so far")
    totals = f"process {census.pid}: " + ", ".join(parts)
    if not before:
        return totals
    seconds = census.at - before.at
    live = signed(growth(census.live, before.live, seconds))
    made = signed(growth(census.created, before.created, seconds))
    return f"{totals}\nper second: {live} live, {made} created"
