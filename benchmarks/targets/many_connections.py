"""Hold many loopback connections, both ends of each: `many_connections.py NUMBER`."""

import os
import resource
import socket
import sys
import threading

number = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (2 * number + 100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
listening = socket.create_server(("127.0.0.1", 0), backlog=128)
ends = []
for _ in range(number):
    ends.append(socket.create_connection(listening.getsockname()))
    ends.append(listening.accept()[0])
print(os.getpid(), flush=True)  # noqa: T201 - says that it is ready
threading.Event().wait()
