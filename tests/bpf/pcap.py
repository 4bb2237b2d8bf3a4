# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures in pcap format: read, written, cut to what a judgement needs."""

import gzip
import socket
import struct

ETHERNET, RAW = 1, 101  # what is written; LINKTYPE_ of pcap
_RAW_TOO, _COOKED = (12, 14, 228, 229), 113
_MAGICS = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}
_TAGS = (b"\x81\x00", b"\x88\xa8")
_RTCP = range(192, 224)  # second byte
# TURN's header and RTP's: all that anybody looks at in what is neither STUN nor RTCP
KEPT_PAYLOAD = 16
STUN_COOKIE = b"\x21\x12\xa4\x42"


class Frame:
    """One packet: arrival in ns, its bytes, and how many there were before the cut."""

    __slots__ = ("when", "data", "length")

    def __init__(self, when, data, length=None):
        self.when, self.data, self.length = when, data, length or len(data)


class Datagram:
    """What is in a frame, where it is UDP: addresses as text, ports, payload."""

    __slots__ = ("source", "sport", "dest", "dport", "payload", "at", "size")

    def __init__(self, source, sport, dest, dport, payload, at, size):
        self.source, self.sport, self.dest, self.dport = source, sport, dest, dport
        self.payload, self.at, self.size = payload, at, size

    def key(self):
        return self.source, self.sport, self.dest, self.dport


def read(path):
    """(link type, frames); Linux cooked frames become Ethernet ones."""
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rb") as f:
        data = f.read()
    for order in "<>":
        magic = struct.unpack_from(order + "I", data)[0]
        if magic in _MAGICS:
            break
    else:
        raise ValueError(f"{path}: no pcap file")
    unit, link = _MAGICS[magic], struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    frames, at = [], 24
    while at + 16 <= len(data):
        sec, fraction, captured, length = struct.unpack_from(order + "IIII", data, at)
        frame = data[at + 16:at + 16 + captured]
        at += 16 + captured
        if link == _COOKED:
            frame, length = bytes(12) + frame[14:], length - 2
        frames.append(Frame(sec * 10**9 + fraction * unit, frame, length))
    if link in _RAW_TOO:
        link = RAW
    elif link == _COOKED:
        link = ETHERNET
    return link, frames


def write(path, link, frames):
    """With ns; as .gz, without name and date, so that equal captures are equal files."""
    data = bytearray(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, link))
    for frame in frames:
        data += struct.pack("<IIII", frame.when // 10**9, frame.when % 10**9, len(frame.data),
                            frame.length) + frame.data
    if path.endswith(".gz"):
        data = gzip.compress(bytes(data), 9, mtime=0)
    with open(path, "wb") as f:
        f.write(data)


def ip_at(link, data):
    """Where the IP header begins; None = there is none."""
    if link == RAW:
        return 0
    at = 12
    while data[at:at + 2] in _TAGS:
        at += 4
    if data[at:at + 2] == b"\x88\x64" and data[at + 8:at + 10] in (b"\x00\x21", b"\x00\x57"):
        return at + 10
    return at + 2 if data[at:at + 2] in (b"\x08\x00", b"\x86\xdd") else None


def datagram(link, frame):
    """The UDP datagram of a frame, or None: also where it is a later fragment."""
    data, at = frame.data, ip_at(link, frame.data)
    if at is None or len(data) < at + 28:
        return None
    if data[at] >> 4 == 4:
        if data[at + 9] != 17 or struct.unpack_from("!H", data, at + 6)[0] & 0x1FFF:
            return None
        ends, udp, family = (at + 12, at + 16, at + 20), at + (data[at] & 15) * 4, socket.AF_INET
    else:
        if data[at + 6] != 17 or len(data) < at + 48:
            return None
        ends, udp, family = (at + 8, at + 24, at + 40), at + 40, socket.AF_INET6
    source, dest = (socket.inet_ntop(family, data[a:b]) for a, b in zip(ends, ends[1:]))
    sport, dport, size = struct.unpack_from("!HHH", data, udp)
    return Datagram(source, sport, dest, dport, data[udp + 8:], udp + 8, size - 8)


def slim(link, frame, keep_ports=()):
    """The frame without what no judgement needs: media, and what is encrypted anyway."""
    found = datagram(link, frame)
    if found is None:
        at = ip_at(link, frame.data)
        kept = 20 if at is None else at + 60
    elif found.sport in keep_ports or found.dport in keep_ports:
        return frame
    else:
        first = found.payload[:8]
        whole = first[4:] == STUN_COOKIE or (len(first) > 1 and first[0] >> 6 == 2 and first[1] in _RTCP)
        kept = found.at + (400 if whole else KEPT_PAYLOAD)
    return Frame(frame.when, frame.data[:kept], frame.length)


def whole(frame):
    """The frame with zeros in the place of what was cut."""
    return Frame(frame.when, frame.data + bytes(frame.length - len(frame.data)), frame.length)
