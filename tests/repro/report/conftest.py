"""Reports of hand-built runs."""

import pytest
from example_reports import report_of
from example_runs import full_comparison

from repro.report.pictures import Picture, draw
from repro.report.views import Report


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Give the report of the default scenario."""
    return report_of(full_comparison(), tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="session")
def pictures(report: Report) -> list[Picture]:
    """Give its pictures, drawn once."""
    return draw(report)
