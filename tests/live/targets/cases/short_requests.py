"""A threaded server with a new connection for every request."""

import os
import socket
import socketserver

import lifetime

lifetime.begin()


class Time(socketserver.StreamRequestHandler):
    def handle(self):
        name = self.rfile.readline().strip()
        self.wfile.write(b"hello " + name + b"\n")


def visit(address):
    lifetime.child()
    while True:
        with socket.create_connection(address) as connection:
            connection.sendall(b"anna\n")
            while connection.recv(100):
                pass


server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Time)
server.daemon_threads = True
if os.fork() == 0:
    visit(server.server_address)
lifetime.ready()
server.serve_forever()
