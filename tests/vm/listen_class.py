# SPDX-License-Identifier: GPL-2.0-or-later
"""listen_class.py PORT SECONDS: a line for each UDP packet that comes: the time on
CLOCK_MONOTONIC in seconds, its DSCP, its RTP sequence number."""
import socket
import struct
import sys
import time

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.IPPROTO_IP, socket.IP_RECVTOS, 1)
sock.bind(("", int(sys.argv[1])))
sock.settimeout(0.5)
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    try:
        data, ancillary, _, _ = sock.recvmsg(2048, 64)
    except TimeoutError:
        continue
    tos = next(value[0] for level, kind, value in ancillary
               if (level, kind) == (socket.IPPROTO_IP, socket.IP_TOS))
    print(f"{time.monotonic():.4f} {tos >> 2} {struct.unpack('!H', data[2:4])[0]}", flush=True)
