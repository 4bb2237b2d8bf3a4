#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A bad path between two links: each frame is lost, doubled or delayed by its own chance.

    path.py LINK0 LINK1 LOSS DOUBLE JITTER_MS

Frames overtake each other where the delay says so; ARP and IPv6 ND pass as they are."""

import heapq
import random
import select
import socket
import sys
import time

PASSED = (b"\x08\x06",)


def main():
    loss, double, jitter = (float(word) for word in sys.argv[3:6])
    ends = []
    for name in sys.argv[1:3]:
        end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        end.bind((name, 0))
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        ends.append(end)
    chance, queue, count = random.Random(1), [], 0
    while True:
        wait = max(0, queue[0][0] - time.monotonic()) if queue else None
        for end in select.select(ends, [], [], wait)[0]:
            data, address = end.recvfrom(65536)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            worse = data[12:14] not in PASSED and data[20:21] != b"\x3a"
            if worse and chance.random() < loss:
                continue
            for _ in range(2 if worse and chance.random() < double else 1):
                late = chance.random() * jitter / 1000 if worse else 0
                count += 1
                heapq.heappush(queue, (time.monotonic() + late, count, ends[end is ends[0]], data))
        while queue and queue[0][0] <= time.monotonic():
            _, _, end, data = heapq.heappop(queue)
            try:
                end.send(data)
            except OSError:
                pass


main()
