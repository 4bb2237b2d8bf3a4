#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What GetCalls says that the far side reports, against what it does report.

Two ends on two sides of a real link talk to each other, RTP and RTCP in clear (RFC 3550),
while the real p2sd watches.  Each leaves out every fifth number, sends every other packet
late, and counts losses and jitter as sections A.3 and A.8 say; what an end was told last
must be on the bus as it is.  The round trip has two bounds that hold on any machine: that
which the far end makes, and what the near end, behind the link, takes it for.
"""
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dbus"))
import private_bus  # noqa: E402
from private_bus import sh, wait_for  # noqa: E402

CLOCK_HZ, TICKS = 8000, 160  # PCMU: 20 ms a packet
BEAT, LATE = 0.02, 0.006  # seconds; by which every other one is late
LEAVE_OUT = 5  # every fifth number
HOLD = 0.06  # seconds until a report is answered at the earliest
ENOUGH = 10  # numbers between two reports at least, so that two of them are missing
EXCHANGES = 4
PATIENCE = 30
SR, RR, SDES = 200, 201, 202
NTP_EPOCH = 2208988800  # of 1970, seconds since 1900
NEAR, FAR = ("192.0.2.1", 40000), ("192.0.2.2", 50000)
PATH = {"near": 0.011, "far": 0.034}  # seconds: how far behind the link each end is


class Reception:
    """What an end knows of the other's stream: RFC 3550, A.3 and A.8."""

    def __init__(self):
        self.base = self.highest = self.transit = None
        self.received = self.expected_prior = self.received_prior = 0
        self.jitter = 0.0

    def take(self, packet, now):
        sequence, timestamp = struct.unpack(">HI", packet[2:8])
        if self.base is None:
            self.base = self.highest = sequence
        self.highest = max(self.highest, sequence)  # too few to wrap
        self.received += 1
        transit = now * CLOCK_HZ - timestamp
        if self.transit is not None:
            self.jitter += (abs(transit - self.transit) - self.jitter) / 16
        self.transit = transit

    def fresh(self):
        """Numbers since the last report."""
        return 0 if self.base is None else self.highest - self.base + 1 - self.expected_prior

    def block(self, ssrc, last_sr, delay):
        expected = self.highest - self.base + 1
        lost = expected - self.received
        interval = expected - self.expected_prior
        lost_interval = interval - (self.received - self.received_prior)
        self.expected_prior, self.received_prior = expected, self.received
        fraction = max(0, (lost_interval << 8) // interval)
        return struct.pack(">IIIIII", ssrc, fraction << 24 | lost & 0xffffff, self.highest,
                           int(self.jitter), last_sr, int(delay * 65536))


class End:
    """One end of a call.  The next report goes out once the one before was answered, so that
    the last answer is about the last report.  path: a report is taken in so much later than it
    came, as if the way were so much longer."""

    def __init__(self, local, remote, ssrc, path, mux):
        self.ssrc, self.path, self.number = ssrc, path, 100
        self.rtp = self.rtcp = self.udp(local, remote)
        if not mux:
            self.rtcp = self.udp((local[0], local[1] + 1), (remote[0], remote[1] + 1))
        self.heard = Reception()
        self.peer = self.last_sr = self.sr_at = None
        self.asked = self.asked_at = None
        self.exchanges, self.told = 0, None

    @staticmethod
    def udp(local, remote):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(local)
        s.connect(remote)
        return s

    def close(self):
        self.rtp.close()
        self.rtcp.close()

    def send_rtp(self):
        self.number += 1
        if self.number % LEAVE_OUT:
            self.rtp.send(struct.pack(">BBHII", 0x80, 0, self.number, self.number * TICKS,
                                      self.ssrc) + bytes(TICKS))

    # What bounds the link's times: they are taken before a report goes and after one came.

    def ask(self):
        ntp = int((time.time() + NTP_EPOCH) * 2**32)
        self.asked, self.asked_at = ntp >> 16 & 0xffffffff, time.monotonic()
        self.send_report(SR, 0, struct.pack(">QIII", ntp, self.number * TICKS, self.number, 0))

    def answer(self):
        waited = time.monotonic() - self.sr_at - self.path
        self.send_report(RR, 1, self.heard.block(self.peer, self.last_sr, waited))
        self.last_sr = None

    def send_report(self, kind, count, body):
        """One of section 6.4, and the name that must be with it."""
        name = struct.pack(">BB", 1, 5) + b"a@b.c" + bytes(1)
        self.rtcp.send(b"".join(struct.pack(">BBHI", 0x80 | n, what, (4 + len(rest)) // 4,
                                            self.ssrc) + rest
                                for what, n, rest in ((kind, count, body), (SDES, 1, name))))

    def take_report(self, packet, now):
        if packet[1] == SR:
            self.peer = struct.unpack(">I", packet[4:8])[0]
            self.last_sr = struct.unpack(">I", packet[10:14])[0]
            self.sr_at = now
            return
        _, lost, _, jitter, last_sr, delay = struct.unpack(">IIIIII", packet[8:32])
        assert last_sr == self.asked, "an answer to another report"
        self.told = {"fraction": (lost >> 24) / 256, "jitter_usec": jitter * 1000000 // CLOCK_HZ,
                     "rtt_usec": (now - self.asked_at - delay / 65536) * 1e6}
        self.exchanges += 1
        self.asked = None

    def turn(self, begin):
        """Whatever is due; at most a beat."""
        at = begin + BEAT * (self.number - 100) + LATE * (self.number % 2)
        for s in select.select({self.rtp, self.rtcp}, (), (), max(0, at - time.monotonic()))[0]:
            packet, now = s.recv(2048), time.monotonic()
            if 192 <= packet[1] <= 223:
                self.take_report(packet, now)
            else:
                self.heard.take(packet, now)
        if self.last_sr and time.monotonic() >= self.sr_at + HOLD and \
                self.heard.fresh() >= ENOUGH:
            self.answer()
        if time.monotonic() >= at:
            self.send_rtp()
            if self.exchanges < EXCHANGES and self.asked is None and self.number % 10 == 0:
                self.ask()


def far_end(mux):
    """Answers a call; says what it was told once it was told it so often; ends with its
    input."""
    end, said = End(FAR, NEAR, 0xfa12, PATH["far"], mux), False
    print("ready", flush=True)
    select.select([end.rtp, sys.stdin], (), ())
    begin = time.monotonic()
    while not select.select([sys.stdin], (), (), 0)[0]:
        end.turn(begin)
        if end.exchanges >= EXCHANGES and not said:
            print(json.dumps(end.told), flush=True)
            said = True


class RtcpTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.PrivateBus(polkit=False)
        cls.addClassCleanup(cls.bus.close)
        sh("mount -t tmpfs tmpfs /run && ip netns add far")
        cls.addClassCleanup(sh, "ip netns del far")
        sh("ip link add p2sA type veth peer name p2sB netns far;"
           "ip addr add 192.0.2.1/24 dev p2sA; ip link set p2sA up;"
           "ip -n far addr add 192.0.2.2/24 dev p2sB; ip -n far link set p2sB up")
        cls.bus.start_daemon()
        for call in (("SetLink", "stta{sv}", "p2sA", 0, 0, 0), ("SetMode", "s", "monitor")):
            cls.bus.ok(*call)

    def flows(self, ssrc):
        """Both of the call that has this one, by direction."""
        for call in self.bus.ok("GetCalls")[0]:
            flows = [{k: v["data"] for k, v in f.items()} for f in call["Flows"]["data"]]
            if ssrc in (f["Ssrc"] for f in flows):
                return {f["Direction"]: f for f in flows}
        return {}

    def with_last_report(self, ssrc, told):
        """They are read now and then: those that have the last one, or None."""
        flows = self.flows(ssrc)
        return flows if all(flows.get(direction, {}).get("RemoteJitterUsec") == end["jitter_usec"]
                            for direction, end in told.items()) else None

    def session(self, ssrc, mux):
        """A call; what each end was told last."""
        far = subprocess.Popen(["ip", "netns", "exec", "far", sys.executable, __file__, "--far",
                                *(["--mux"] if mux else [])], text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.assertEqual(far.stdout.readline(), "ready\n")
            near = End(NEAR, FAR, ssrc, PATH["near"], mux)
            self.addCleanup(near.close)
            begin = time.monotonic()
            while near.exchanges < EXCHANGES or not select.select([far.stdout], (), (), 0)[0]:
                self.assertLess(time.monotonic() - begin, PATIENCE, vars(near))
                near.turn(begin)
            return {"outgoing": near.told, "incoming": json.loads(far.stdout.readline())}
        finally:
            far.communicate(timeout=PATIENCE)

    def check(self, ssrc, mux):
        told = self.session(ssrc, mux)
        flows = wait_for(lambda: self.with_last_report(ssrc, told))
        for direction, beyond in (("outgoing", "far"), ("incoming", "near")):
            flow, end = flows[direction], told[direction]
            print(f"{direction}: the sender was told {end}; on the bus",
                  {k: v for k, v in flow.items() if k.startswith("R")}, flush=True)
            self.assertEqual(flow["RemoteLossFraction"], end["fraction"])
            self.assertGreaterEqual(flow["RttUsec"], int(1e6 * PATH[beyond]))
            self.assertLessEqual(flow["RttUsec"], end["rtt_usec"])
            # and it was worth a report
            self.assertGreater(end["fraction"], 0)
            self.assertGreater(end["jitter_usec"], 1000)

    def test_ports_of_its_own(self):
        self.check(0x1001, False)

    def test_one_port_for_both(self):
        """RFC 5761."""
        self.check(0x1002, True)


if __name__ == "__main__":
    if "--far" in sys.argv:
        far_end("--mux" in sys.argv)
        sys.exit(0)
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
