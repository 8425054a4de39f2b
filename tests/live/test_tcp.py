"""Connections of a process in a network namespace of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from diag.collectors.proc import Proc
from diag.collectors.tcp import ConnectionReader
from repro.bounds import bounded

TALKER = """
import fcntl, os, socket, struct, time
with socket.socket() as any_socket:  # ifconfig lo up
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 0x1))
listening = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listening.getsockname())
server, _ = listening.accept()
client.sendall(b"abc")
print(os.getpid(), flush=True)
time.sleep(20)
"""


@pytest.fixture
def elsewhere() -> Iterator[int]:
    """Run a process with a connection in another network namespace."""
    unshare = shutil.which("unshare")
    if os.geteuid() != 0 or not unshare:
        pytest.skip("needs root and unshare")
    command = bounded([unshare, "--net", sys.executable, "-c", TALKER], memory=512 << 20, deadline=30)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            if not line:
                pytest.skip("no network namespace may be made here")
            yield int(line)
        finally:
            process.kill()


def test_another_network_namespace(elsewhere: int) -> None:
    """It is entered by a thread that ends, so that this process stays where it is."""
    own = Path("/proc/thread-self/ns/net")
    before = own.readlink()
    reader = ConnectionReader(Proc())
    rows = reader.read(0.0, [elsewhere])
    assert sorted((row.state, row.sent) for row in rows if row.state == "ESTAB") == [
        ("ESTAB", 0),
        ("ESTAB", 3),
    ]
    assert not reader.notes
    assert own.readlink() == before


def test_another_network_namespace_that_may_not_be_entered(elsewhere: int) -> None:
    """States and what waits are known all the same."""
    code = (
        "import sys; from diag.collectors.proc import Proc; from diag.collectors.tcp import ConnectionReader\\n"
        "reader = ConnectionReader(Proc()); rows = reader.read(0.0, [int(sys.argv[1])])\\n"
        "assert sorted((row.state, row.unread, row.sent) for row in rows) == "
        "[('ESTAB', 0, None), ('ESTAB', 3, None), ('LISTEN', 0, None)], rows\\n"
        "print(*reader.notes)"
    ).replace("\\n", "\n")
    setpriv = shutil.which("setpriv")
    if not setpriv:
        pytest.skip("needs setpriv")
    command = [setpriv, "--bounding-set", "-sys_admin", sys.executable, "-c", code, str(elsewhere)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "CAP_SYS_ADMIN" in done.stdout
