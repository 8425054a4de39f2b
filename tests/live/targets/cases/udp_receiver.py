"""Receives datagrams at full rate."""

import asyncio
import os
import socket

import lifetime

lifetime.begin()


class Receiver(asyncio.DatagramProtocol):
    def __init__(self):
        self.packets = 0

    def datagram_received(self, data, address):
        self.packets += 1


async def main():
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Receiver, ("127.0.0.1", 0))
    address = transport.get_extra_info("sockname")
    if os.fork() == 0:
        lifetime.child()
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while True:
            sender.sendto(b"metric:1|c", address)
    lifetime.ready()
    await asyncio.sleep(3600)


asyncio.run(main())
