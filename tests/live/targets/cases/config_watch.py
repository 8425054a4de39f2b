"""Listens to changes of a configuration over redis; the server drops the subscription at once."""

import socketserver
import threading
import time

import lifetime
import redis

FIXED = lifetime.begin()
settings = {}


class Server(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            if line.strip().upper() in (b"SUBSCRIBE", b"PSUBSCRIBE"):
                if FIXED:
                    time.sleep(3600)
                return
            if line.strip().upper() in (b"SETINFO", b"HELLO", b"SETNAME"):
                self.wfile.write(b"+OK\r\n")


def watch(connection):
    while True:
        try:
            subscription = connection.pubsub()
            subscription.subscribe("settings")
            for message in subscription.listen():
                settings[message["channel"]] = message["data"]
        except redis.ConnectionError:
            continue


server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
lifetime.ready()
watch(redis.Redis(port=server.server_address[1], protocol=2, retry=None))
