"""One API for all tests of this folder that only look at it or make pods of their own."""

from collections.abc import Iterator

import pytest
from kube_helpers import cluster_in_thread

from repro.kube.cluster import Cluster
from repro.kube.kinds import KINDS


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Give an API with a pod of every kind, named by its kind."""
    with cluster_in_thread(tuple(KINDS)) as found:
        yield found
