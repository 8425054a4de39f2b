"""The CPython interpreters of this machine that a test can start."""

import functools
import glob
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

MINORS = range(8, 16)
"""Minor versions whose processes can be observed."""


@functools.cache
def found() -> dict[str, str]:
    """Give an interpreter of each minor version, by name such as "3.12".

    Looks at the running one, at $HOTLOOP_PYTHONS (folders, separated by colons), at PATH and at pyenv's versions.
    """
    interpreters = {f"3.{sys.version_info.minor}": sys.executable}
    for minor in MINORS:
        for path in _candidates(f"python3.{minor}"):
            if f"3.{minor}" not in interpreters and _runs(path):
                interpreters[f"3.{minor}"] = path
    return dict(sorted(interpreters.items(), key=lambda item: int(item[0].split(".")[1])))


def _candidates(name: str) -> list[str]:
    folders = [folder for folder in os.environ.get("HOTLOOP_PYTHONS", "").split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    versions = [str(pyenv / "versions" / "*" / "bin"), str(Path("~/.cache/pythons/bin").expanduser())]
    places = [str(Path(folder, name)) for folder in folders]
    places += [path for pattern in versions for path in glob.glob(str(Path(pattern, name)))]  # noqa: PTH207 - absolute
    on_path = shutil.which(name)
    return [place for place in [*places, on_path] if place and Path(place).exists()]


def _runs(path: str) -> bool:
    """Tell whether it starts, has asyncio's C part, and is a build that can be observed."""
    code = "import _asyncio, sys; print(sys.version); raise SystemExit(hasattr(sys, 'gettotalrefcount'))"
    try:
        answer = subprocess.run([path, "-c", code], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and not re.search(r"free-threading|PyPy", answer.stdout)
