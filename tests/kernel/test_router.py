#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A small router with the real p2sd on the link to the Internet: what comes in by it and
leaves by the other, byte by byte.

Frames are put on the wire at one end as they are written here, and taken off it at the
other.  Between them a router takes one from the TTL, and p2sd marks the packets of calls;
nothing else may differ.
"""
import ctypes
import json
import os
import select
import socket
import struct
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dbus"))
import private_bus  # noqa: E402
from private_bus import sh, wait_for  # noqa: E402

PATIENCE = 10
EF, CS1 = 46, 8
FAR = {4: ("198.51.100.2", socket.AF_INET), 6: ("2001:db8:1::2", socket.AF_INET6)}
HOME = {4: ("192.0.2.2", socket.AF_INET), 6: ("2001:db8:2::2", socket.AF_INET6)}
UDP, TCP, ICMP = 17, 6, 1
CALL = 20  # packets of one
CONFIRM = 3  # of them go by before it is one


def checksum(data):
    """RFC 1071."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip(version, proto, payload, dscp=0, ecn=0, hops=64, fragment=0):
    """From FAR to HOME."""
    tos = dscp << 2 | ecn
    ends = b"".join(socket.inet_pton(family, address)
                    for address, family in (FAR[version], HOME[version]))
    if version == 6:
        return struct.pack(">IHBB", 6 << 28 | tos << 20 | 0xabcde, len(payload), proto,
                           hops) + ends + payload
    head = struct.pack(">BBHHHBBH", 0x45, tos, 20 + len(payload), 0x1234, fragment, hops, proto, 0)
    head += ends
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def udp(version, payload, source=40000, dest=50000):
    pseudo = ip(version, UDP, b"")[12 if version == 4 else 8:][:8 if version == 4 else 32]
    size = 8 + len(payload)
    head = struct.pack(">HHHH", source, dest, size, 0)
    pseudo += struct.pack(">II", size, UDP)
    return head[:6] + struct.pack(">H", checksum(pseudo + head + payload) or 0xffff) + payload


def rtp(ssrc, number):
    return struct.pack(">BBHII", 0x80, 111, number, 960 * number, ssrc) + b"\x5a" * 80


def routed(packet, dscp=None):
    """What a router makes of it, and p2sd where dscp is given: written anew."""
    version = packet[0] >> 4
    if version == 6:
        word, = struct.unpack(">I", packet[:4])
        if dscp is not None:
            word = word & ~(0x3f << 22) | dscp << 22
        return struct.pack(">I", word) + packet[4:7] + bytes([packet[7] - 1]) + packet[8:]
    tos = packet[1] if dscp is None else dscp << 2 | packet[1] & 3
    head = packet[:1] + bytes([tos]) + packet[2:8] + bytes([packet[8] - 1]) + packet[9:10]
    head += bytes(2) + packet[12:20]
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + packet[20:]


def setns(fd):
    if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000) < 0:
        raise OSError(ctypes.get_errno(), "setns")


def raw_socket(namespace, link):
    """On a link of that namespace; sees what comes in by it."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        setns(there)
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        s.bind((link, 3))
    finally:
        setns(here)
        os.close(here)
        os.close(there)
    return s


class RouterTest(unittest.TestCase):
    wan = "type veth peer name farB netns far"

    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.PrivateBus(polkit=False)
        cls.addClassCleanup(cls.bus.close)
        sh("mount -t tmpfs tmpfs /run && ip netns add far && ip netns add home")
        cls.addClassCleanup(sh, "ip netns del far; ip netns del home; umount -l /run")

    def setUp(self):
        """p2sA leads to far, p2sC to home; nobody needs to ask who has an address."""
        sh(f"ip link add p2sA address 02:00:00:00:00:0a {self.wan} &&"
           " ip link add p2sC address 02:00:00:00:00:0c type veth peer name homeD netns home &&"
           " ip -n home link set homeD address 02:00:00:00:00:0d up &&"
           " ip -n far link set farB address 02:00:00:00:00:0b up &&"
           " ip addr add 198.51.100.1/24 dev p2sA && ip addr add 192.0.2.1/24 dev p2sC &&"
           " ip addr add 2001:db8:1::1/64 dev p2sA nodad &&"
           " ip addr add 2001:db8:2::1/64 dev p2sC nodad &&"
           " ip link set p2sA up && ip link set p2sC up &&"
           " ip neigh replace 192.0.2.2 lladdr 02:00:00:00:00:0d dev p2sC nud permanent &&"
           " ip neigh replace 2001:db8:2::2 lladdr 02:00:00:00:00:0d dev p2sC nud permanent")
        self.addCleanup(sh, "ip link del p2sA; ip link del p2sC")
        self.forward(1)
        wait_for(lambda: sh("ip -br link show up").count("UP") >= 2 or None)
        self.before = sh("ip -j -d link show p2sA; tc -j qdisc show dev p2sA")
        self.bus.start_daemon()
        self.addCleanup(self.stop)
        self.manage("native")
        self.ok("SetMode", "s", "mark")
        self.sender, self.receiver = raw_socket("far", "farB"), raw_socket("home", "homeD")
        self.addCleanup(self.sender.close)
        self.addCleanup(self.receiver.close)

    def stop(self):
        if self.bus.daemon:
            self.assertEqual(self.bus.stop_daemon(), 0)
        sh(f"rm -rf {self.bus.dir}/state/* {self.bus.dir}/run/*")

    @staticmethod
    def forward(on):
        sh(f"echo {on} >/proc/sys/net/ipv4/conf/all/forwarding;"
           f"echo {on} >/proc/sys/net/ipv6/conf/all/forwarding")

    def ok(self, *args):
        return self.bus.ok(*args)

    def manage(self, xdp):
        self.ok("SetLink", "stta{sv}", "p2sA", 0, 0, 1, "xdp", "s", xdp)

    def xdp(self):
        out = self.bus.run(["busctl", "--json=short", "get-property", "org.p2s.Manager",
                            "/org/p2s/Manager", "org.p2s.Manager", "Links"]).stdout
        return json.loads(out)["data"][0]["Xdp"]["data"]

    def send(self, packet):
        kind = 0x0800 if packet[0] >> 4 == 4 else 0x86dd
        self.sender.send(bytes.fromhex("02000000000a02000000000b") + struct.pack(">H", kind) +
                         packet)

    def receive(self):
        """The next packet from FAR."""
        until = time.monotonic() + PATIENCE
        while select.select([self.receiver], (), (), max(0, until - time.monotonic()))[0]:
            packet = self.receiver.recv(2048)[14:]
            for version, at in ((4, 12), (6, 8)):
                far = socket.inet_pton(FAR[version][1], FAR[version][0])
                if packet[0] >> 4 == version and packet[at:at + len(far)] == far:
                    return packet
        raise AssertionError("nothing came")

    def cross(self, packet, dscp=None):
        self.send(packet)
        self.assertEqual(self.receive().hex(), routed(packet, dscp).hex())

    def call(self, version, ssrc, marked=True):
        """Its first packets are as they came, the others marked."""
        for i in range(CALL):
            self.cross(ip(version, UDP, udp(version, rtp(ssrc, 100 + i)), CS1, i % 4),
                       EF if marked and i >= CONFIRM else None)

    def flow(self, ssrc):
        for call in self.ok("GetCalls")[0]:
            for flow in call["Flows"]["data"]:
                if flow["Ssrc"]["data"] == ssrc:
                    return {k: v["data"] for k, v in flow.items()}
        return None

    def incoming(self):
        return next({k: v["data"] for k, v in row.items()}
                    for row in self.ok("GetStats")[0]["Classes"]["data"]
                    if (row["Direction"]["data"], row["Class"]["data"]) == ("incoming", "voice"))

    def check_calls(self, mode):
        """Marked, counted once, measured as they came."""
        self.assertEqual(wait_for(self.xdp), mode)
        before = self.incoming()
        for version in (4, 6):
            self.call(version, version)
        after = self.incoming()
        self.assertEqual(after["Packets"] - before["Packets"], 2 * (CALL - CONFIRM + 1))
        self.assertEqual(after["Marks"] - before["Marks"], 2 * (CALL - CONFIRM))
        for ssrc in (4, 6):
            flow = wait_for(lambda: self.flow(ssrc))
            self.assertEqual((flow["Packets"], flow["Lost"], flow["Dscp"], flow["Direction"]),
                             (CALL, 0, CS1, "incoming"))

    def check_restored(self):
        self.stop()
        self.assertEqual(sh("ip -j -d link show p2sA; tc -j qdisc show dev p2sA"), self.before)

    def test_calls(self):
        self.check_calls("native")
        self.check_restored()

    def test_everything_else(self):
        self.assertEqual(wait_for(self.xdp), "native")
        for version in (4, 6):
            for dscp, ecn in ((0, 0), (CS1, 1), (34, 2), (EF, 3)):
                for payload in (b"", b"\x45" + bytes(1199), rtp(7, 5 * dscp)):
                    self.cross(ip(version, UDP, udp(version, payload, 443, 30000), dscp, ecn))
                # what an endpoint would call nonsense is a router's to hand on
                self.cross(ip(version, TCP, struct.pack(">HHIIHHHH", 443, 9, 1, 1, 0x5010, 9, 0, 0),
                              dscp, ecn))
            self.cross(ip(version, 253, b"an experiment", CS1))
        self.cross(ip(4, UDP, udp(4, rtp(9, 1)), fragment=0x2000))
        self.cross(ip(4, UDP, rtp(9, 1), fragment=100))
        self.cross(ip(4, ICMP, struct.pack(">BBHHH", 0, 0, checksum(bytes(8)), 0, 0)))
        self.assertEqual(self.incoming()["Marks"], 0)

    def test_what_is_asked_for(self):
        """Off by mode, by option, and where nothing is forwarded; back each time."""
        def becomes(what):
            self.assertTrue(wait_for(lambda: self.xdp() == what or None, PATIENCE), self.xdp())

        becomes("native")
        for off, on in ((lambda: self.ok("SetMode", "s", "monitor"),
                         lambda: self.ok("SetMode", "s", "mark")),
                        (lambda: self.manage("off"), lambda: self.manage("native")),
                        (lambda: self.forward(0), lambda: self.forward(1))):
            off()
            becomes("none")
            self.assertNotIn("xdp", sh("ip -d link show p2sA"))
            on()
            becomes("native")
            self.assertIn("xdp", sh("ip -d link show p2sA"))
        self.manage("off")
        self.call(4, 44, marked=False)
        self.check_restored()

    def test_unasked(self):
        """Not beside veths, which containers have; on a router, behind the driver."""
        self.manage("auto")
        self.assertEqual(self.xdp(), "none")
        sh("ip link add link p2sC name p2sL type macvlan && ip link set p2sL up")
        self.assertTrue(wait_for(lambda: self.xdp() == "generic" or None, PATIENCE), self.xdp())
        self.check_calls("generic")
        sh("ip link del p2sL")
        self.assertTrue(wait_for(lambda: self.xdp() == "none" or None, PATIENCE), self.xdp())
        self.check_restored()

    def test_torn_off(self):
        """By force, of which the kernel tells nobody."""
        self.assertEqual(wait_for(self.xdp), "native")
        program = json.loads(sh("ip -j -d link show p2sA"))[0]["xdp"]["prog"]["id"]
        ours = [link["id"] for link in json.loads(sh(f"{private_bus.BPFTOOL} -j link show"))
                if link["prog_id"] == program]
        self.assertEqual(len(ours), 1)
        sh(f"{private_bus.BPFTOOL} link detach id {ours[0]}")
        begin = time.monotonic()
        self.assertNotIn("xdp", sh("ip -d link show p2sA"))
        wait_for(lambda: "xdp" in sh("ip -d link show p2sA") or None, PATIENCE)
        print(f"mended after {time.monotonic() - begin:.2f} s", file=sys.stderr)
        self.check_calls("native")
        self.check_restored()

    def test_death(self):
        """Not even a crash leaves it there, and whoever comes next begins anew."""
        self.assertEqual(wait_for(self.xdp), "native")
        self.bus.stop_daemon(9)
        self.assertNotIn("xdp", sh("ip -d link show p2sA"))
        self.bus.start_daemon()
        self.check_calls("native")
        self.check_restored()


class GenericTest(RouterTest):
    """A driver that refuses: this one wants as many queues as its peer has."""
    wan = "numrxqueues 1 numtxqueues 1 type veth peer name farB numrxqueues 4 numtxqueues 4 " \
          "netns far"
    test_everything_else = test_what_is_asked_for = test_death = None
    test_unasked = test_torn_off = None

    def test_calls(self):
        self.check_calls("generic")
        self.check_restored()


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
