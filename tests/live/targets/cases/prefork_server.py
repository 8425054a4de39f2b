"""A prefork server, as gunicorn is one: a parent watches workers, which serve a shared listening socket."""

import os
import selectors
import socket
import time

import lifetime

FIXED = lifetime.begin()


class Worker:
    def __init__(self, listener):
        self.selector = selectors.DefaultSelector()
        self.selector.register(listener, selectors.EVENT_READ, self.accept)

    def accept(self, listener):
        connection, _ = listener.accept()
        self.selector.register(connection, selectors.EVENT_READ, self.serve)

    def serve(self, connection):
        data = connection.recv(4096)
        if data:
            connection.sendall(data.upper())
        elif FIXED:
            self.selector.unregister(connection)
            connection.close()

    def run(self):
        while True:
            for key, _ in self.selector.select(timeout=1):
                key.data(key.fileobj)


listener = socket.create_server(("127.0.0.1", 0))
for _ in range(2):
    if os.fork() == 0:
        lifetime.child()
        Worker(listener).run()
with socket.create_connection(listener.getsockname()) as client:
    client.sendall(b"hello")
    client.recv(10)
lifetime.ready()
while True:
    time.sleep(1)
