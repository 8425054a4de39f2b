"""Pushes metrics to a collector that is down."""

import socket
import time

import lifetime

FIXED = lifetime.begin()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def push(port, metrics):
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
                for name, value in metrics.items():
                    connection.sendall(f"{name} {value}\n".encode())
                return
        except OSError:
            if FIXED:
                time.sleep(1)
            continue


port = free_port()
lifetime.ready()
push(port, {"requests": 17, "errors": 0})
