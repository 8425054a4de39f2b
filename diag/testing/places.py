"""Where code stands, in words: "function (file:line)"."""

import os
from types import CodeType, FrameType
from typing import Any

ASYNCIO = os.path.dirname(os.__file__) + "/asyncio/"  # noqa: PTH120 - compared with the names of code, as text
_ANYIO = "/anyio/"
_OURS = os.path.dirname(__file__) + os.sep  # noqa: PTH120 - likewise

Place = tuple[CodeType, int]
"""Code, and the offset of its instruction."""


def is_plumbing(file: str) -> bool:
    """Whether a file only passes on what others ask for."""
    return file.startswith((ASYNCIO, _OURS)) or _ANYIO in file


def line_of(code: CodeType, offset: int) -> int:
    """Give the line of an instruction."""
    if offset < 0:
        return code.co_firstlineno
    for start, end, line in code.co_lines():
        if start <= offset < end and line is not None:
            return line
    return code.co_firstlineno


def words(place: Place) -> str:
    """Put a place into words."""
    code, offset = place
    return f"{code.co_qualname} ({code.co_filename}:{line_of(code, offset)})"


def caller(frame: FrameType | None) -> Place | None:
    """Give the nearest caller that is nobody's plumbing."""
    while frame is not None and is_plumbing(frame.f_code.co_filename):
        frame = frame.f_back
    return None if frame is None else (frame.f_code, frame.f_lasti)


def chain(awaitable: Any) -> list[tuple[FrameType, object]]:
    """Give the suspended frames of a coroutine or async generator and of what it awaits, each with its owner, the outermost first."""
    frames: list[tuple[FrameType, object]] = []
    while awaitable is not None and len(frames) < 100:  # noqa: PLR2004 - deeper than code goes
        frame = next(
            (
                found
                for name in ("cr_frame", "gi_frame", "ag_frame")
                if (found := getattr(awaitable, name, None)) is not None
            ),
            None,
        )
        if frame is not None:
            frames.append((frame, awaitable))
        awaitable = _awaited(awaitable)
    return frames


def _awaited(awaitable: Any) -> Any:
    for name in ("cr_await", "gi_yieldfrom", "ag_await"):
        if hasattr(awaitable, name):
            return getattr(awaitable, name)
    if type(awaitable).__name__.startswith(("async_generator_a", "coroutine_wrapper")):
        from gc import get_referents

        # What `__anext__` and `await` make of it does not tell whose it is.
        return next(
            (one for one in get_referents(awaitable) if hasattr(one, "ag_frame") or hasattr(one, "cr_frame")),
            None,
        )
    return None


def standing(awaitable: Any) -> str:
    """Say where a suspended coroutine stands: in the innermost frame that is nobody's plumbing; "" if that is not known."""
    frames = [frame for frame, _ in chain(awaitable)]
    own = [frame for frame in frames if not is_plumbing(frame.f_code.co_filename)] or frames
    return words((own[-1].f_code, own[-1].f_lasti)) if own else ""
