# SPDX-License-Identifier: GPL-2.0-or-later
"""What passed both ends' links, by dumpcap, and what tshark says of it."""

import os
import signal
import struct
import subprocess
import sys

from lab import call

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "bpf"))
import capture as recorded  # noqa: E402
import judge  # noqa: E402
import pcap  # noqa: E402

LINKS = {"caller": "pc0", "callee": "srv0"}
# of a packet: all headers of RTP.  What loads the line is not wanted.
SNAP_BYTES = 96
FILTER = "udp and not portrange 5201-5209"
# As the browsers agree on it.  tshark is told: the type is a dynamic one.
CALL = {"name": "call", "kind": "WebRTC", "call": True, "types": {"111": ["voice", "opus", 48000]}}
ETHERNET_HEADER = 14


class Capture:
    """Records both ends' links until it is stopped."""

    def __init__(self, line, directory):
        self.paths = {side: os.path.join(directory, f"{side}.pcap") for side in LINKS}
        self.children = [subprocess.Popen(
            line.exec(side, "dumpcap", "-q", "-P", "-i", link, "-s", str(SNAP_BYTES), "-f", FILTER,
                      "-w", self.paths[side]), **call.QUIET)
            for side, link in LINKS.items()]

    def stop(self):
        for child in self.children:
            call.stop(child, signal.SIGINT)

    def remove(self):
        for path in self.paths.values():
            if os.path.exists(path):
                os.remove(path)


class Packet:
    """One RTP packet: time (s since the epoch), seq and timestamp without their turns,
    bytes (layer 3)."""

    __slots__ = ("time", "seq", "timestamp", "bytes")

    def __init__(self, *values):
        self.time, self.seq, self.timestamp, self.bytes = values


def unwrapped(value, last, bits):
    """The value nearest to the last that has these low bits."""
    half = 1 << (bits - 1)
    return value if last is None else last + (value - last + half) % (half * 2) - half


def read(path):
    """(what was recorded, {SSRC: [Packet] in order of arrival})."""
    one = recorded.Capture(CALL, *pcap.read(path))
    found = {}
    for frame in one.frames:
        media = one.media(frame)
        if not media:
            continue
        payload = pcap.datagram(one.link, frame).payload
        seq, timestamp = struct.unpack_from("!HI", payload, 2)
        packets = found.setdefault(media[2], [])
        last = packets[-1] if packets else None
        packets.append(Packet(frame.when / 1e9, unwrapped(seq, last and last.seq, 16),
                              unwrapped(timestamp, last and last.timestamp, 32),
                              frame.length - ETHERNET_HEADER))
    return one, found


def judged(one, begin, end, ssrc, path):
    """judge.Theirs, what tshark itself computes of a stream in a span of time, or None.
    path: for a capture of that span alone."""
    one.other([f for f in one.frames if begin <= f.when / 1e9 < end]).write_described(path)
    try:
        return next((theirs for (_, s), theirs in judge.tshark(path).items() if s == ssrc), None)
    finally:
        os.remove(path)
