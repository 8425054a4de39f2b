"""A thread that copies what devices say into a log buffer; one device is unplugged."""

import select
import socket
import threading
import time

import lifetime

FIXED = lifetime.begin()
log = bytearray()


def copy(connections):
    while connections:
        readable, _, _ = select.select(connections, [], [])
        for connection in readable:
            data = connection.recv(4096)
            if not data:
                if FIXED:
                    connections.remove(connection)
                break
            log.extend(data)


pairs = [socket.socketpair() for _ in range(3)]
threading.Thread(target=copy, args=([ours for ours, _ in pairs],), name="bridge", daemon=True).start()
for _, theirs in pairs:
    theirs.send(b"hello from the device\n")
pairs[1][1].close()
lifetime.ready()
time.sleep(3600)
