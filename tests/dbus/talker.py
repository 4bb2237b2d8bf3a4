# SPDX-License-Identifier: GPL-2.0-or-later
"""One direction of a call."""
import contextlib
import socket
import struct
import threading
import time

PCMU, OPUS = 0, 111
TICKS = {PCMU: 160, OPUS: 960}  # of the RTP clock, a packet


class Talker(threading.Thread):
    """RTP (RFC 3550), 160 bytes every 20 ms, to somebody or nobody.

    leave_out: so many of the numbers are never sent (4: every fourth); local: address and
    port, where it matters.  confirmed is when the third good one in a row had left, which
    makes a call of it.
    """

    def __init__(self, ssrc=0x5eed, to=("192.0.2.2", 40000), local=None, kind=OPUS, leave_out=0):
        super().__init__(daemon=True)
        self.ssrc, self.to, self.local = ssrc, to, local
        self.kind, self.leave_out = kind, leave_out
        self.begun, self.confirmed = time.monotonic(), None
        self.enough = threading.Event()

    def packet(self, n):
        return struct.pack(">BBHII", 0x80, self.kind, n & 0xffff,
                           TICKS[self.kind] * n & 0xffffffff, self.ssrc) + bytes(160)

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            if self.local:
                s.bind(self.local)
            s.connect(self.to)
            n = 0
            while not self.enough.is_set():
                if not self.leave_out or n % self.leave_out:
                    with contextlib.suppress(ConnectionRefusedError):  # somebody, but no listener
                        s.send(self.packet(n))
                n += 1
                if n == 3:
                    self.confirmed = time.monotonic()
                self.enough.wait(0.02)

    def stop(self):
        self.enough.set()
        self.join()
