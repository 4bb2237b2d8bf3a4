# SPDX-License-Identifier: GPL-2.0-or-later
"""One recorded capture with what is true of it: labels, streams, and worse versions."""

import json
import os
import random
import socket
import struct
import subprocess

import pcap

FIXTURES = os.environ.get("P2S_FIXTURES") or os.path.join(
    os.path.dirname(os.path.realpath(__file__)), "..", "fixtures")
SIP = 5060
CHANNELS = range(0x40, 0x50)  # first byte of TURN channel data, RFC 8656
VLAN, QINQ, PPPOE = "VLAN", "QinQ", "PPPoE"


class Capture:
    """Frames of one link, and the labels of a manifest's entry."""

    def __init__(self, entry, link, frames):
        self.name, self.kind, self.call = entry["name"], entry["kind"], entry["call"]
        self.local = set(entry.get("local", ()))
        # (destination port or 0 for all, payload type): (class, encoding name, clock in Hz)
        self.types = {}
        for key, said in entry.get("types", {}).items():
            port, _, pt = key.rpartition("/")
            self.types[int(port or 0), int(pt)] = tuple(said)
        self.entry, self.link, self.frames = entry, link, frames

    def other(self, frames, **changes):
        """The same with other frames; changes: kind, link."""
        made = Capture(self.entry, changes.pop("link", self.link), frames)
        made.__dict__.update(changes)
        return made

    def type_of(self, port, pt):
        """(class, encoding name, clock) of a payload type at a destination port, or None."""
        return self.types.get((port, pt)) or self.types.get((0, pt))

    def media(self, frame):
        """(5-tuple, type_of() it, SSRC, sequence number) of an RTP packet, or None."""
        found = pcap.datagram(self.link, frame) if self.call else None
        if not found or SIP in (found.sport, found.dport):
            return None
        payload = found.payload
        if payload[:1] and payload[0] in CHANNELS:
            payload = payload[4:]
        if len(payload) < 12 or payload[0] >> 6 != 2:
            return None
        said = self.type_of(found.dport, payload[1] & 0x7F)
        sequence, _, ssrc = struct.unpack_from("!HII", payload, 2)
        return (found.key(), said, ssrc, sequence) if said else None

    def streams(self):
        """{(5-tuple, SSRC): [sequence number, in the order of arrival]}."""
        streams = {}
        for found in map(self.media, self.frames):
            if found:
                streams.setdefault((found[0], found[2]), []).append(found[3])
        return streams

    def directions(self):
        """A letter a frame, as replay wants them."""
        letters = []
        for frame in self.frames:
            found = pcap.datagram(self.link, frame)
            letters.append("i" if found and found.source not in self.local else "o")
        return "".join(letters)

    def worsen(self, seed, jitter_ms=0, loss=0.0, double=0.0):
        """Delays each packet by its own chance, loses and doubles some; order follows.

        The first of a stream stays the first: Wireshark leaves out what is older."""
        chance, worse, known = random.Random(seed), [], set()
        for frame in self.frames:
            found = self.media(frame)
            stream = found and (found[0], found[2])
            if not found or stream not in known:
                known.add(stream)
                worse.append(frame)
                continue
            if chance.random() < loss:
                continue
            for _ in range(2 if chance.random() < double else 1):
                late = int(chance.random() * jitter_ms * 1e6)
                worse.append(pcap.Frame(frame.when + late, frame.data, frame.length))
        return self.other(sorted(worse, key=lambda frame: frame.when))

    def framed(self, how):
        """The same packets as another link carries them."""
        frames = []
        for frame in self.frames:
            head, proto, rest = frame.data[:12], frame.data[12:14], frame.data[14:]
            if how == VLAN:
                between = b"\x81\x00\x00\x07" + proto
            elif how == QINQ:
                between = b"\x88\xa8\x00\x08\x81\x00\x00\x07" + proto
            else:
                size = struct.pack("!H", frame.length - 12)
                between = b"\x88\x64\x11\x00\x00\x01" + size + (
                    b"\x00\x21" if proto == b"\x08\x00" else b"\x00\x57")
            frames.append(pcap.Frame(frame.when, head + between + rest,
                                     frame.length + len(between) - 2))
        return self.other(frames, kind=f"{self.kind} over {how}")

    def write_whole(self, path):
        pcap.write(path, self.link, [pcap.whole(frame) for frame in self.frames])

    def write_described(self, path):
        """For tshark: first the SDP, for each address and port, of the types that are dynamic.

        TURN's header, behind which it does not look for the SDP's types, is taken off, and so
        is the padding bit: how much there is is encrypted in SRTP, and where the number makes
        no sense tshark leaves the packet out."""
        ports, frames = {}, []
        for frame in self.frames:
            found = self.media(frame)
            if found:
                ports[found[0][2:]] = found[0]
                frame = _without_padding(self.link, _without_channel(self.link, frame))
            frames.append(pcap.whole(frame))
        when = self.frames[0].when - 10**6
        described = [_describe(self.link, when, key,
                               {pt: said for (port, pt), said in self.types.items()
                                if port in (0, key[3])}) for key in ports.values()]
        pcap.write(path, self.link, described + frames)


def _without_channel(link, frame):
    found = pcap.datagram(link, frame)
    if found.payload[0] not in CHANNELS:
        return frame
    data, ip = bytearray(frame.data), pcap.ip_at(link, frame.data)
    udp, four = found.at - 8, data[ip] >> 4 == 4
    padding = found.size - 4 - struct.unpack_from("!H", found.payload, 2)[0]
    for at in (udp + 4, ip + (2 if four else 4)):
        struct.pack_into("!H", data, at, struct.unpack_from("!H", data, at)[0] - 4 - padding)
    return pcap.Frame(frame.when, bytes(data[:found.at] + data[found.at + 4:]),
                      frame.length - 4 - padding)


def _without_padding(link, frame):
    data, at = bytearray(frame.data), pcap.datagram(link, frame).at
    data[at] &= 0xDF
    return pcap.Frame(frame.when, bytes(data), frame.length)


def _describe(link, when, key, types):
    """A SIP INVITE from the stream's destination that says what comes there."""
    source, _, dest, dport = key
    family, version = (socket.AF_INET6, 6) if ":" in dest else (socket.AF_INET, 4)
    sdp = (f"v=0\r\no=- 1 1 IN IP{version} {dest}\r\ns=-\r\nc=IN IP{version} {dest}\r\nt=0 0\r\n"
           f"m=audio {dport} RTP/AVP {' '.join(map(str, types))}\r\n"
           + "".join(f"a=rtpmap:{pt} {name}/{clock}\r\n" for pt, (_, name, clock) in types.items()))
    sip = (f"INVITE sip:b@p2s.test SIP/2.0\r\nVia: SIP/2.0/UDP p2s.test;branch=z9hG4bK{dport}\r\n"
           "From: <sip:a@p2s.test>;tag=1\r\nTo: <sip:b@p2s.test>\r\n"
           f"Call-ID: {dport}\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n"
           f"Content-Length: {len(sdp)}\r\n\r\n{sdp}").encode()
    udp = struct.pack("!HHHH", SIP, SIP, 8 + len(sip), 0) + sip
    ends = socket.inet_pton(family, dest) + socket.inet_pton(family, source)
    if version == 4:
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + ends
    else:
        ip = struct.pack("!IHBB", 6 << 28, len(udp), 17, 64) + ends
    ether = b"" if link == pcap.RAW else bytes(12) + (b"\x08\x00" if version == 4 else b"\x86\xdd")
    return pcap.Frame(when, ether + ip + udp)


def load_all():
    """The captures of the manifest."""
    with open(os.path.join(FIXTURES, "manifest.json"), encoding="utf-8") as f:
        manifest = json.load(f)
    return [Capture(entry, *pcap.read(os.path.join(FIXTURES, entry["name"] + ".pcap.gz")))
            for entry in manifest]


class Flow:
    """What the programs found of one flow."""

    def __init__(self, words):
        self.rule, self.media, self.clock = words[0], words[1], int(words[2])
        self.packets, self.lost = int(words[3]), int(words[4])
        self.mean, self.highest = float(words[5]), float(words[6])


class Replay:
    """What the programs found in one capture: the queue of each packet, and the flows."""

    def __init__(self):
        self.queues, self.flows = [], {}


def read_flow(words):
    """((5-tuple, SSRC), Flow) of a line's words."""
    return (((words[0], int(words[1]), words[2], int(words[3])), int(words[4], 16)),
            Flow(words[5:]))


def read_flows(text):
    """{(5-tuple, SSRC): Flow} of all lines that are one."""
    lines = (line.split() for line in text.splitlines())
    return dict(read_flow(words[1:]) for words in lines if words[0] == "flow")


def can_load(program):
    """Whether BPF programs can be loaded here; says why not."""
    check = subprocess.run([program], capture_output=True, text=True, check=False)
    if check.returncode == 77:
        print(check.stdout.strip())
    return check.returncode != 77


def replay(program, captures, directory):
    """Sends captures through the programs, each as the first; a Replay for each."""
    arguments, replays = [], []
    for number, one in enumerate(captures):
        path = os.path.join(directory, f"{number}.pcap")
        one.write_whole(path)
        with open(path + ".directions", "w", encoding="ascii") as f:
            f.write(one.directions())
        arguments += [path, path + ".directions"]
    done = subprocess.run([program, *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"replay: {done.stderr}")
    for line in done.stdout.splitlines():
        what, *words = line.split()
        if what == "capture":
            replays.append(Replay())
        elif what == "packet":
            replays[-1].queues.append(words[0])
        elif what == "flow":
            key, flow = read_flow(words)
            replays[-1].flows[key] = flow
    return replays
