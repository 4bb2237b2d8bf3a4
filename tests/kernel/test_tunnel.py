#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The real p2sd where general traffic goes through a tunnel: the link below is shaped, and
calls inside are found before they are encrypted and go first on it.

Kinds that this kernel lacks are skipped; Debian's has all (the suite `vm`)."""
import base64
import fcntl
import json
import os
import re
import struct
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from test_calls import LOOSE, Talker, private_bus, root_rate, sh, wait_for  # noqa: E402

PATIENCE = 20
KINDS = os.environ.get("P2S_TUNNELS", "vxlan ipip gre wireguard").split()
FAR = "ip netns exec p2s-far"
keys = []  # of the WireGuard tunnel that was made last: this end's, the far one's


def make_tunnel(kind, net=1):
    """tA here, 10.9.0.1, and its end in p2s-far, 10.9.0.2, by way of 192.0.net.0/24; false where
    there is no such kind."""
    for n, (at, this, that) in enumerate((("", 1, 2), ("-n p2s-far", 2, 1)), 1):
        more = {"vxlan": f"id 5 local 192.0.{net}.{this} remote 192.0.{net}.{that} dstport 4789",
                "wireguard": ""}.get(kind, f"local 192.0.{net}.{this} remote 192.0.{net}.{that}")
        if subprocess.run(f"ip {at} link add tA type {kind} {more}", shell=True, check=False,
                          capture_output=True).returncode:
            return False
        sh(f"ip {at} addr add 10.9.0.{n}/24 dev tA")
    if kind == "wireguard":
        keys[:] = [sh("wg genkey").strip() for _ in range(2)]
        for n, run in ((0, ""), (1, FAR)):
            other = subprocess.run(["wg", "pubkey"], input=keys[1 - n], text=True, check=True,
                                   capture_output=True).stdout.strip()
            sh(f"echo {keys[n]} > /tmp/p2s-key-{n}; {run} wg set tA listen-port 51820"
               f" private-key /tmp/p2s-key-{n} peer {other} allowed-ips 0.0.0.0/0"
               f" endpoint 192.0.{net}.{2 - n}:51820; rm /tmp/p2s-key-{n}")
    sh("ip link set tA up; ip -n p2s-far link set tA up")
    return True


def remembers(pid, what):
    """Whether the process has these bytes in what it may write to."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            begin, end = (int(x, 16) for x in line.split()[0].split("-"))
            if " rw" not in line or "[v" in line:
                continue
            memory.seek(begin)
            if what in memory.read(end - begin):
                return True
    return False


class TunnelTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.PrivateBus(polkit=False)
        cls.addClassCleanup(cls.bus.close)

    def setUp(self):
        sh("ip netns add p2s-far && ip link add p2sA type veth peer name p2sB netns p2s-far &&"
           " ip link set p2sA up && ip -n p2s-far link set p2sB up &&"
           " ip addr add 192.0.1.1/24 dev p2sA && ip -n p2s-far addr add 192.0.1.2/24 dev p2sB &&"
           " ip route add default via 192.0.1.2 metric 100")
        self.addCleanup(sh, "ip netns del p2s-far; ip link del p2sA || :")
        self.bus.start_daemon()
        self.addCleanup(self.stop)
        self.ok("SetLink", "stta{sv}", "auto", 10_000_000, 50_000_000, 0)
        self.ok("SetMode", "s", "shape")
        wait_for(lambda: self.links()["auto"]["Outgoing"] == "shaped", PATIENCE)
        self.ifb = sh("ip -j link show type ifb")

    def stop(self):
        self.assertEqual(self.bus.stop_daemon(), 0)
        left = sh("tc qdisc show; ip -br link")
        for ours in ("htb", "clsact", "p2s-"):
            self.assertNotIn(ours, left)
        private_bus.clear(self.bus)

    def ok(self, *args):
        return self.bus.ok(*args)

    def links(self):
        return {n["Name"]["data"]: {k: v["data"] for k, v in n.items()}
                for n in self.bus.properties()["Links"]}

    def is_followed(self, name, carrier="p2sA", how=("shaped",)):
        links = self.links()
        return (links["auto"].get("Interface") == carrier
                and links["auto"]["Outgoing"] in how
                and links.get(name, {}).get("Carrier") == carrier
                and links[name]["Outgoing"] == "marked")

    def follows(self, what, change):
        """Makes the change, and says how long p2sd took; the carrier's tree stays."""
        begin = time.monotonic()
        sh(change)
        wait_for(what, PATIENCE, 0.005)
        print(f"{change}: {time.monotonic() - begin:.3f} s", file=sys.stderr)
        self.assertEqual(json.loads(self.ifb)[0]["ifindex"],
                         json.loads(sh("ip -j link show type ifb"))[0]["ifindex"])

    def packets(self, queue):
        shown = sh(f"tc -s class show dev p2sA classid 1:{queue}")
        return int(re.search(r"Sent \d+ bytes (\d+) pkt", shown)[1])

    def test_calls_inside_go_first(self):
        tried = []
        for kind in KINDS:
            if not make_tunnel(kind):
                subprocess.run("ip link del tA", shell=True, check=False, capture_output=True)
                continue
            with self.subTest(kind):
                tried.append(kind)
                self.follows(lambda: self.is_followed("tA"),
                             "ip route add default dev tA metric 50")
                if kind == "wireguard":  # the kernel has told it the private key as well
                    self.assertTrue(remembers(self.bus.daemon.pid, b"p2sA\0"))
                    self.assertFalse(remembers(self.bus.daemon.pid, base64.b64decode(keys[0])))
                # the call before has ended: this one begins as that did
                wait_for(lambda: root_rate() == LOOSE, 30)
                sh("ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:09 dev tA 2>/dev/null || :")
                talker = Talker(7, ("10.9.0.2", 40000))
                talker.start()
                wait_for(lambda: root_rate() < LOOSE, PATIENCE, 0.005)
                voice = self.packets(10)
                wait_for(lambda: self.packets(10) >= voice + 20, PATIENCE)
                voice, general = self.packets(10), self.packets(20)
                time.sleep(1)
                talker.stop()
                self.assertGreater(self.packets(10) - voice, 5 * (self.packets(20) - general))
                self.follows(lambda: "tA" not in self.links(), "ip link del tA")
                sh("ip -n p2s-far link del tA")
        print("tunnels:", *tried, file=sys.stderr)
        if not tried:
            self.skipTest("this kernel has no kind of tunnel")

    def test_second_uplink(self):
        """The route to the tunnel's far end counts, not the best default route."""
        sh("ip link add p2sC type veth peer name p2sD netns p2s-far && ip link set p2sC up &&"
           " ip -n p2s-far link set p2sD up && ip addr add 192.0.3.1/24 dev p2sC &&"
           " ip -n p2s-far addr add 192.0.3.2/24 dev p2sD &&"
           " ip route add default via 192.0.3.2 metric 200")
        self.addCleanup(sh, "ip link del p2sC")
        tried = []
        for kind in KINDS:
            if not make_tunnel(kind, 3):
                subprocess.run("ip link del tA", shell=True, check=False, capture_output=True)
                continue
            with self.subTest(kind):
                tried.append(kind)
                # the rates are those of p2sA's network, if its gateway had answered by then
                there, here = ("p2sC", ("marked", "shaped")), ("p2sA", ("shaped",))
                for change, carrier in (("ip route add default dev tA metric 50", there),
                                        ("ip route add 192.0.3.2 via 192.0.1.2", here),
                                        ("ip route del 192.0.3.2 via 192.0.1.2", there)):
                    begin = time.monotonic()
                    sh(change)
                    wait_for(lambda c=carrier: self.is_followed("tA", *c), PATIENCE, 0.005)
                    print(f"{kind}: {change}: {carrier[0]} after {time.monotonic() - begin:.3f} s",
                          file=sys.stderr)
                sh("ip link del tA; ip -n p2s-far link del tA")
                wait_for(lambda: self.links()["auto"].get("Interface") == "p2sA" and
                         "tA" not in self.links(), PATIENCE)
        if not tried:
            self.skipTest("this kernel has no kind of tunnel")

    def test_ways_to_take_all_traffic(self):
        sh("ip tuntap add tA mode tun && ip addr add 10.9.0.1/24 dev tA && ip link set tA up")
        self.addCleanup(sh, "ip link del tA || :")
        for up, down in (
                ("ip route add default dev tA metric 50", "ip route del default dev tA"),
                ("ip route add 0.0.0.0/1 dev tA && ip route add 128.0.0.0/1 dev tA",
                 "ip route del 0.0.0.0/1 dev tA && ip route del 128.0.0.0/1 dev tA"),
                ("ip route add default dev tA table 51820 && ip rule add not fwmark 51820"
                 " table 51820", "ip rule del not fwmark 51820 table 51820"),
                # it replaces the other, but for its own far end
                ("ip route add 203.0.113.9 via 192.0.1.2 && ip route replace default dev tA"
                 " metric 50 && ip route del default via 192.0.1.2",
                 "ip route add default via 192.0.1.2 metric 100 && ip route del default dev tA")):
            # an empty tun has no carrier, which its routes are marked with
            with self.subTest(up), open("/dev/net/tun", "wb", buffering=0) as tun:
                fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", b"tA", 0x1001))
                wait_for(lambda: "LOWER_UP" in sh("ip link show tA"), PATIENCE)
                self.follows(lambda: self.is_followed("tA"), up)
                self.follows(lambda: "tA" not in self.links(), down)
                self.assertNotIn("clsact", sh("tc qdisc show dev tA"))


if __name__ == "__main__":
    private_bus.enter_namespaces()
    sh("mkdir -p /run/netns && mount -t tmpfs none /run/netns")  # names of its own
    unittest.main(verbosity=2)
