"""Written beside a run as `sitecustomize`: at its end, each Python process tells what it had imported of two trees.

It stands alone, for interpreters that have no hotloop, and gives way to a `sitecustomize` that was there before.
"""

import atexit
import os
import re
import sys

_INSTALLED = re.compile(r"/(?:site|dist)-packages/|/lib\d*/python\d[\d.]*t?/")
"""An interpreter and its packages may lie in a tree as well, and serve both."""


def _tell():  # type: ignore[no-untyped-def] # noqa: ANN202 - for old interpreters too
    folder, trees = os.environ.get("HOTLOOP_GATE_IMPORTED"), os.environ.get("HOTLOOP_GATE_TREES", "")
    if not folder or not os.path.isdir(folder):  # noqa: PTH112 - os alone is imported at any start
        return
    ours = tuple(os.path.join(tree, "") for tree in trees.split(os.pathsep) if tree)  # noqa: PTH118 - likewise
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    found = sorted(
        file
        for file in map(_real, filter(None, files))
        if file.startswith(ours) and not _INSTALLED.search(file)
    )
    if found:
        with open(os.path.join(folder, str(os.getpid())), "w") as stream:  # noqa: PTH118, PTH123 - likewise
            stream.write("\n".join(found))


def _real(file):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - likewise
    try:
        return os.path.realpath(file)
    except (OSError, TypeError, ValueError):
        return ""


atexit.register(_tell)


def _the_one_before() -> None:
    """Run the `sitecustomize` that this one stands in front of."""
    import importlib.machinery
    import importlib.util

    mine = os.path.dirname(os.path.realpath(__file__))  # noqa: PTH120 - likewise
    others = [path for path in sys.path if os.path.realpath(path or ".") != mine]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec and spec.loader:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_the_one_before()
