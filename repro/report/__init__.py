"""The comparison of a scenario's runs as a page, Markdown, a table and pictures.

`write` is the one entry for who has measured; nothing heavy is imported before it is called.
"""

from pathlib import Path

from repro.comparison import Comparison


def write(comparison: Comparison, folder: Path) -> Path:
    """Write `index.html`, `report.md`, `comparison.json` and `plots/` into `folder`; answer the page's path.

    The recordings are read from `folder` / `run.recording`; a run whose recording is missing or damaged is shown
    without it, and the page says so.

    Raises:
        OSError: a file cannot be written.
    """
    from repro.report.folder import write as write_all

    return write_all(comparison, folder)
