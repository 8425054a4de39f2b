"""What tests of collectors share."""

from collections.abc import Iterator

import pytest
from own_process import Own


@pytest.fixture(scope="session")
def own() -> Iterator[Own]:
    """Give readers of the test's own process."""
    readers = Own()
    yield readers
    readers.peek.close()
