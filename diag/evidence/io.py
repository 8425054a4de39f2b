"""What a process moves and opens: payload over TCP, bytes of files and pipes, new sockets."""

from collections import defaultdict
from dataclasses import dataclass

from diag.findings import Evidence
from diag.rates import Window
from diag.recording import Recording, Traffic

JUST = 0.2
"""Seconds after the first reading within which the first look at the connections is taken."""


@dataclass(frozen=True)
class Io:
    """What was moved, a second of the window."""

    tcp_bytes: float | None
    """Payload in and out; None where the kernel does not tell."""
    other_bytes: float
    """Read and written otherwise: files, pipes."""
    segments: float
    """Data segments in and out."""
    new_sockets: float
    unread: int
    """The most that waited to be read or accepted, at one look."""


def measure(recording: Recording, window: Window, pid: int) -> Io | None:
    """Measure over the window; None with less than two readings."""
    rows = [row for row in recording.traffic if row.pid == pid and window.start <= row.at <= window.end]
    traffic = sorted(rows, key=lambda row: row.at)
    if len(traffic) < 2 or traffic[-1].at <= traffic[0].at:  # noqa: PLR2004 - a difference takes two
        return None
    first, last = traffic[0], traffic[-1]
    seconds = last.at - first.at
    moved, segments, unread = _tcp(recording, window, pid, first)
    return Io(
        tcp_bytes=None if moved is None else moved / seconds,
        other_bytes=(last.read_bytes - first.read_bytes + last.written_bytes - first.written_bytes) / seconds,
        segments=segments / seconds,
        new_sockets=(last.new_sockets - first.new_sockets) / seconds,
        unread=unread,
    )


def _tcp(
    recording: Recording, window: Window, pid: int, first_reading: Traffic
) -> tuple[float | None, float, int]:
    """Sum what each connection moved between the looks that saw it; one made meanwhile counts whole."""
    rows = defaultdict(list)
    begin = first_reading.at + JUST
    unread: dict[float, int] = defaultdict(int)
    for row in recording.connections:
        if row.pid == pid and window.start <= row.at <= window.end:
            rows[row.identity].append(row)
            unread[row.at] += row.unread
    moved = segments = 0
    known = False
    for history in rows.values():
        history.sort(key=lambda row: row.at)
        last, first = history[-1], history[0]
        if last.received is None or last.sent is None:
            continue
        known = True
        moved += last.received + last.sent
        segments += (last.segments_in or 0) + (last.segments_out or 0)
        if first.at <= begin:
            moved -= (first.received or 0) + (first.sent or 0)
            segments -= (first.segments_in or 0) + (first.segments_out or 0)
    unknown = (
        bool(rows) or first_reading.sockets > 0
    )  # sockets that are no TCP connections, or not told about
    return (float(moved) if known or not unknown else None), float(segments), max(unread.values(), default=0)


def evidence(found: Io, cores: float) -> list[Evidence]:
    """State what was moved, for each second of CPU."""
    total = (found.tcp_bytes or 0.0) + found.other_bytes
    rate = total / cores if cores > 0 else 0.0
    facts = [
        Evidence(
            kind="bytes-per-cpu-second",
            value=round(rate),
            unit="bytes/s",
            text=f"It moved {_bytes(rate)} for each second of CPU, over connections, files and pipes.",
        )
    ]
    if found.new_sockets:
        facts.append(
            Evidence(
                kind="new-sockets",
                value=round(found.new_sockets, 1),
                unit="1/s",
                text=f"At least {found.new_sockets:,.1f} sockets a second were new.",
            )
        )
    if found.segments:
        facts.append(
            Evidence(
                kind="data-segments",
                value=round(found.segments, 1),
                unit="1/s",
                text=f"{found.segments:,.0f} TCP segments with data a second went in and out.",
            )
        )
    return facts


def _bytes(number: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:  # noqa: PLR2004 - decimal units
            return f"{number:,.0f} {unit}"
        number /= 1000
    return f"{number:,.1f} GB"
