"""A threaded TCP server whose clients send commands and hang up."""

import socket
import socketserver
import threading
import time

import lifetime

FIXED = lifetime.begin()
state = {}


class Commands(socketserver.BaseRequestHandler):
    def handle(self):
        buffered = b""
        while "quit" not in state:
            data = self.request.recv(1024)
            if FIXED and not data:
                return
            buffered += data
            if b"\n" in buffered:
                command, _, buffered = buffered.partition(b"\n")
                self.obey(command)

    def obey(self, command):
        key, _, value = command.partition(b"=")
        state[key] = value
        self.request.sendall(b"ok\n")


server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Commands)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
with socket.create_connection(server.server_address) as client:
    client.sendall(b"colour=blue\n")
    client.recv(10)
lifetime.ready()
time.sleep(3600)
