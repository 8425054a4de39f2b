"""Room for many views."""

import subprocess
import sys

CODE = """
import resource, sys
from diag.errors import HotloopError
from repro.viewers.descriptors import make_room
resource.setrlimit(resource.RLIMIT_NOFILE, (128, 512))
try:
    make_room(int(sys.argv[1]))
except HotloopError as error:
    print(error)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def room_for(views: int) -> list[str]:
    """Make room in a process of its own, for limits cannot be raised again; gives what it printed."""
    return subprocess.run(
        [sys.executable, "-c", CODE, str(views)], check=True, capture_output=True, text=True, timeout=30
    ).stdout.splitlines()


def test_the_soft_limit_is_raised_as_far_as_needed() -> None:
    """A few views need nothing; more raise the soft limit to the hard one."""
    assert room_for(10) == ["128"]
    assert room_for(400) == ["512"]


def test_too_many_views_are_told_in_a_sentence() -> None:
    """Where the hard limit is too low, the sentence says how many views there is room for."""
    said, limit = room_for(1000)
    assert "1,000 views need 1,064 open files and the limit here is 512: open at most 448 views" in said
    assert limit == "128"
