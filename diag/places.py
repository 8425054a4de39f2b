"""Places in the source as a diagnosis names them: the culprit, its lines with their heat, who led there."""

from collections import Counter
from collections.abc import Mapping, Sequence

from diag.evidence.hot import Hot, function_of, is_standard
from diag.evidence.looks import Call
from diag.findings import Culprit, SourceLine, Step
from diag.origin import Origin, origin
from diag.recording import Recording, SourceFile
from diag.source import Module

AROUND = 3
"""Lines shown before and after a loop or line."""

MOST = 40
"""Lines shown at all."""

ROUNDING = 2.0
"""Seconds by which the start of a process may seem earlier than it was: the kernel gives it relative to its own start,
whose time it knows to the second."""


def culprit_of(hot: Hot, recording: Recording, heat: Counter[int]) -> Culprit:
    """Describe a hot place.

    Args:
        hot: the place.
        recording: which has the sources.
        heat: samples of its lines, by the stack sampler.
    """
    source = next((source for source in recording.sources if source.path == hot.file), None)
    lines = hot.lines + heat
    loop = (hot.loop.first, hot.loop.last) if hot.loop else None
    return Culprit(
        file=hot.file,
        function=hot.source.name if hot.source and hot.source.name != "<module>" else hot.function,
        line=hot.line,
        loop=loop,
        share=round(hot.share, 3),
        package=source.package if source else "",
        called_from=None if origin(hot.file) is Origin.OWN else user_frame(hot.above),
        source=excerpt(hot.module, loop or (hot.line, hot.line), lines),
        changed=changed(source, recording),
    )


def culprit_at(
    call: Call, above: Sequence[Call], recording: Recording, modules: Mapping[str, Module], share: float
) -> Culprit:
    """Describe one call as the culprit."""
    source = next((source for source in recording.sources if source.path == call.file), None)
    function = function_of(modules, call.file, call.function, call.line)
    loops = function.loops_at(call.line) if function else ()
    loop = (loops[-1].first, loops[-1].last) if loops else None
    return Culprit(
        file=call.file,
        function=function.name if function and function.name != "<module>" else call.function,
        line=call.line,
        loop=loop,
        share=round(share, 3),
        package=source.package if source else "",
        called_from=None if origin(call.file) is Origin.OWN else user_frame(above),
        source=excerpt(modules.get(call.file), loop or (call.line, call.line), Counter()),
        changed=changed(source, recording),
    )


def changed(source: SourceFile | None, recording: Recording) -> bool:
    """Tell whether a file was changed after the process had started, so that lines may be off."""
    return source is not None and source.modified > recording.target.created + ROUNDING


def user_frame(calls: Sequence[Call]) -> Step | None:
    """Give the innermost frame of the user's own code."""
    for call in reversed(calls):
        if origin(call.file) is Origin.OWN and not is_standard(call.file):
            return Step(file=call.file, function=call.function, line=call.line)
    return None


def excerpt(module: Module | None, span: tuple[int, int], heat: Counter[int]) -> tuple[SourceLine, ...]:
    """Give the lines of a span and some around it, with the share of the samples in the span that each had."""
    if module is None:
        return ()
    first = max(1, span[0] - AROUND)
    last = min(len(module.lines), span[1] + AROUND, first + MOST - 1)
    total = sum(heat[line] for line in range(span[0], span[1] + 1)) or 1
    return tuple(
        SourceLine(line=line, text=module.lines[line - 1], share=round(heat[line] / total, 3))
        for line in range(first, last + 1)
    )
