# SPDX-License-Identifier: GPL-2.0-or-later
"""Streams of real programs as captures: recorded from a socket, worsened, written."""

import random
import socket
import struct
import subprocess
import time


class Packet:
    """One UDP payload, with its ports and its arrival in ns."""

    def __init__(self, when, payload, sport, dport):
        self.when, self.payload, self.sport, self.dport = when, payload, sport, dport


def record(pipeline, port, seconds):
    """Runs a GStreamer pipeline that sends to 127.0.0.1:port; returns its packets."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    sock.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
    sock.bind(("127.0.0.1", port))
    sock.settimeout(1)
    packets = []
    gst = subprocess.Popen(
        ["gst-launch-1.0", "-q"] + pipeline.format(port=port).split(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        end = time.monotonic() + seconds + 5
        while time.monotonic() < end:
            try:
                data, ancillary, _, (_, sport) = sock.recvmsg(65536, 256)
            except socket.timeout:
                if gst.poll() is not None:
                    break
                continue
            if not packets:
                end = time.monotonic() + seconds
            sec, nsec = struct.unpack("qq", ancillary[0][2])
            packets.append(Packet(sec * 10**9 + nsec, data, sport, port))
    finally:
        gst.terminate()
        errors, _ = gst.communicate()
        sock.close()
    return packets, errors.strip()


def worsen(packets, seed, jitter_ms=0, loss=0.0, double=0.0):
    """Delays each packet by its own chance, loses and doubles some; order follows.

    The first stays the first: Wireshark leaves out what is older than that."""
    chance, worse = random.Random(seed), []
    for packet in packets:
        if packet is packets[0]:
            worse.append(packet)
            continue
        if chance.random() < loss:
            continue
        for _ in range(2 if chance.random() < double else 1):
            late = int(chance.random() * jitter_ms * 1e6)
            worse.append(Packet(packet.when + late, packet.payload, packet.sport, packet.dport))
    return sorted(worse, key=lambda packet: packet.when)


def describe(when, port, kind, payload_type, name, clock):
    """A SIP answer that says what a dynamic payload type is."""
    media = "audio" if kind == "voice" else "video"
    sdp = (f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
           f"m={media} {port} RTP/AVP {payload_type}\r\na=rtpmap:{payload_type} {name}/{clock}\r\n")
    sip = ("INVITE sip:b@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
           "From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: 1\r\n"
           "CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n"
           f"Content-Length: {len(sdp)}\r\n\r\n{sdp}")
    return Packet(when, sip.encode(), 5060, 5060)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def write(path, packets):
    """A pcap file with ns, Ethernet, IPv4."""
    with open(path, "wb") as out:
        out.write(struct.pack("=IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1))
        for packet in packets:
            udp = struct.pack("!HHHH", packet.sport, packet.dport, 8 + len(packet.payload), 0)
            ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(packet.payload), 1, 0, 64, 17, 0,
                             bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
            ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
            frame = bytes(12) + b"\x08\x00" + ip + udp + packet.payload
            out.write(struct.pack("=IIII", packet.when // 10**9, packet.when % 10**9, len(frame),
                                  len(frame)) + frame)
