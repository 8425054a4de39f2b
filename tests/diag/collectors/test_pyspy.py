"""py-spy's failures in sentences."""

import os
import re

import pytest

from diag.collectors.pyspy import explain


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        (
            "Permission Denied: Try running again with elevated permissions by going 'sudo",
            "not be looked at by py-spy: ",
        ),
        ("Error: Failed to suspend process\nReason: EPERM: Operation not permitted", "by py-spy: "),
        ("Error: failed to get gil_thread_id", "free-threaded"),
        ("Error: Unsupported version of Python: 3.19.0", r"does not know Python 3\.19\.0"),
        ("Error: No such process (os error 3)", "ended before"),
        ("Error: Failed to find python version from target process", "no Python interpreter"),
        (
            "Error: Failed to copy PyThreadState\nReason: Bad address (os error 14)",
            "Failed to copy PyThreadState",
        ),
        ("", "it gave no reason"),
    ],
)
def test_a_failure_is_a_sentence(log: str, sentence: str) -> None:
    """What py-spy says in a backtrace becomes one sentence that says what to do."""
    found = explain(os.getpid(), log)
    assert "\n" not in found
    assert found.endswith(".")
    assert re.search(sentence, found)


def test_a_process_that_has_gone_is_named_so_whatever_py_spy_says() -> None:
    """Its words for a vanished process are many; the kernel's answer is one."""
    assert "ended before" in explain(2**22 + 1, "Error: Failed to get process executable name.")
