"""Every cause on whatever the grammar allows."""

import textwrap

import pytest

from diag.causes.catalogue import CATALOGUE, search
from diag.causes.cause import Cause, Facts, Scene
from diag.source import Function, Loop, parse

ODD = """
async def f(self, q, *a, k=(lambda: [x async for x in y]), **kw):
    while (n := await self.g()) and not (lambda: q.empty())():
        match n:
            case {"a": [1, *rest], **more} if rest: continue
            case Point(x=0) | None: break
            case str() as s: pass
            case -1 | 2+3j: del s
        try:
            async with a as b, c() as (d, *e), suppress(*errs):
                [await z async for z in w if await z]
                yield
        except* (OSError, mod.errs["x"], f()): global g; g = 1
        else: other = 2
        finally: assert q, "x"
        try: q.get_nowait()
        except (*errs,): pass
        except errs[0]: continue
        for self.x[i], *y in (yield q): print(f"{await q.get()!r:>{w}}")
        x: int
        y: int = q.poll()
        async for _ in (await (await a)()): ...
        else: return
        q.sleep(*args); sleep(**kw); sleep(); sleep(0, *a); ().sleep(0); (1).poll(0); f()().cancel(); x[0].get(False)
        await asyncio.sleep(-0); await asyncio.sleep(1/0); await asyncio.sleep(10**400); await asyncio.sleep("0")
        await asyncio.sleep(0j); select(*a); q.join(*a); wait(timeout=None, **kw); (await q)(*a).recv().read()
        while 1: pass
        return
    else: pass

class C:
    while True: pass
    async def f(self):
        while True:
            @deco(lambda: 1)
            def g(): yield
            class D: x = 1
            import os as o; from . import *
            raise

@retry(wait=x.y())
@(r := retry)
@retry(*a, **k)
@a.b[0].retry()
def g(): pass

while True: time.sleep(0)
while not x: sleep(0)
x = lambda: (yield)
for _ in iter(f, None): sleep(0)
for _ in repeat(): pass
for _ in count(): break
else: pass
"""

NEWER = {
    "type parameters": """
        type X[T: int] = list[T]

        class A[T]:
            async def f[**P, *Ts](self, q: X[T]) -> None:
                while not q.empty():
                    await asyncio.sleep(0)
                    x = f"{q.get_nowait()!r} {f'{x}'}"
    """,
    "template strings and bare exceptions": """
        async def f(q):
            while True:
                try: q.get_nowait(); x = t"{q.get()} {await z:>{w}}"
                except Empty, OSError: await asyncio.sleep(0); continue
                finally: pass
    """,
}
"""Of Python 3.12 and 3.14; where this interpreter cannot parse them, nothing is to be searched."""


def everywhere(text: str) -> list[Scene]:
    """Make a scene of every loop, and of every function that has none."""
    module = parse(text)
    if module is None:
        return []
    places: list[tuple[Function, Loop | None]] = [
        (function, loop) for function in module.functions for loop in function.loops or (None,)
    ]
    return [
        Scene(
            module=module,
            function=function,
            loop=loop,
            line=loop.first if loop else getattr(function.node, "lineno", 1),
        )
        for function, loop in places
    ]


@pytest.mark.parametrize("cause", CATALOGUE, ids=lambda cause: cause.code)
@pytest.mark.parametrize("text", [ODD, *map(textwrap.dedent, NEWER.values())], ids=["odd", *NEWER])
def test_no_cause_stumbles(cause: Cause, text: str) -> None:
    """A match names ascending lines, the one at fault among them, and nothing is raised."""
    for here in everywhere(text):
        match = cause.find(here)
        if match is not None:
            assert list(match.lines) == sorted(set(match.lines))
            assert match.line in match.lines
            assert 0 <= cause.agrees(match, Facts()) <= 1


def test_the_search_does_not_stumble() -> None:
    """Nor does the search around each place, whatever runs above and below it."""
    for here in everywhere(ODD):
        functions = tuple((here.module, function) for function in here.module.functions)
        outer = tuple((here.module, function, here.line) for function in here.module.functions)
        place = Scene(
            module=here.module,
            function=here.function,
            loop=here.loop,
            line=here.line,
            inner=functions,
            outer=outer,
        )
        assert search(place, Facts()) is not None
