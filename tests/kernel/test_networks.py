#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The real p2sd on a cable that is carried from one router to another, and under the real
NetworkManager: the rates of a network hold on that network."""
import json
import os
import shutil
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dbus"))
import private_bus  # noqa: E402
from private_bus import sh, wait_for  # noqa: E402

PATIENCE = 20
NETWORK_MANAGER = "/usr/sbin/NetworkManager"
P2SCTL = os.environ.get("P2SCTL", os.path.join(os.path.dirname(private_bus.P2SD), "p2sctl"))
HOME, OFFICE = (10_000_000, 50_000_000), (2_000_000, 20_000_000)
MACS = {"home": "02:00:00:00:01:01", "office": "02:00:00:00:02:02"}


class NetworksTest(unittest.TestCase):
    def setUp(self):
        self.bus = private_bus.PrivateBus(polkit=False)
        self.addCleanup(self.bus.close)
        # p2sA is the computer's; its cable ends in a switch, of which two routers hang
        sh("ip link add p2sA type veth peer name p2sB && ip link add p2sbr type bridge"
           " forward_delay 0 && ip link set p2sB master p2sbr && ip link set p2sB up &&"
           " ip link set p2sbr up")
        self.addCleanup(lambda: sh("ip link del p2sA; ip link del p2sbr"))
        for name, mac in MACS.items():
            sh(f"ip netns add p2s-{name} && ip link add p-{name} type veth peer name r netns"
               f" p2s-{name} && ip link set p-{name} master p2sbr &&"
               f" ip -n p2s-{name} link set r address {mac} &&"
               f" ip -n p2s-{name} addr add 192.0.1.254/24 dev r &&"
               f" ip -n p2s-{name} link set r up")
            self.addCleanup(sh, f"ip netns del p2s-{name}")
        self.plug("home")

    def plug(self, name):
        """Carries the cable there: no carrier, then another router at the same address."""
        sh("ip link set p2sB down")
        for other in MACS:
            sh(f"ip link set p-{other} {'up' if other == name else 'down'}")
        sh("ip link set p2sB up")

    def properties(self):
        return self.bus.properties()

    def link(self):
        return {k: v["data"] for k, v in self.properties()["Links"][0].items()}

    def networks(self):
        return [{k: v["data"] for k, v in n.items()} for n in self.properties()["Networks"]]

    def rates(self):
        link = self.link()
        return link["RatesFrom"], link["UplinkBps"], link["DownlinkBps"]

    def ok(self, *args):
        return self.bus.ok(*args)

    def set(self, rates, name="auto"):
        self.ok("SetLink", "stta{sv}", name, *rates, 1, "when", "s", "always")

    def has(self, rates, kind="network"):
        """Waits until these rates are in force, in p2sd and in the kernel."""
        wait_for(lambda: self.rates() == (kind, *rates), PATIENCE)
        want = f"{rates[0] // 1_000_000}Mbit"
        wait_for(lambda: want in sh("tc class show dev p2sA classid 1:1"), PATIENCE)

    def is_unknown(self):
        wait_for(lambda: self.rates() == ("none", 0, 0), PATIENCE)
        link = self.link()
        self.assertEqual((link["State"], link["Outgoing"], link["Incoming"]),
                         ("active", "marked", "marked"))
        self.assertNotIn("htb", sh("tc qdisc show dev p2sA"))

    def ctl(self, *args):
        return self.bus.run([P2SCTL, *args])


class GatewayTest(NetworksTest):
    def setUp(self):
        super().setUp()
        sh("ip addr add 192.0.1.1/24 dev p2sA && ip link set p2sA up &&"
           " ip route add default via 192.0.1.254")
        self.bus.start_daemon()
        self.ok("SetMode", "s", "shape")

    def tearDown(self):
        self.assertEqual(self.bus.stop_daemon(), 0)
        self.assertNotIn("htb", sh("tc qdisc show dev p2sA"))

    def on(self, name):
        wait_for(lambda: self.link().get("Network") == "gateway:" + MACS[name], PATIENCE)

    def test_rates_stay_with_their_network(self):
        self.on("home")
        self.assertEqual(self.link()["NetworkName"], "192.0.1.254")
        self.is_unknown()
        self.set(HOME)
        self.has(HOME)
        self.plug("office")
        self.on("office")
        self.is_unknown()
        shown = self.ctl("link").stdout
        self.assertIn("the rates of this network (192.0.1.254) are not known", shown)
        self.assertIn("'p2sctl link auto --uplink RATE", shown)
        self.set(OFFICE)
        self.has(OFFICE)
        self.plug("home")
        self.on("home")
        self.has(HOME)
        self.assertIn("gateway:" + MACS["home"], self.ctl("link", "auto").stdout)
        self.assertEqual([n["Network"] for n in self.networks()],
                         ["gateway:" + MACS[n] for n in ("home", "office")])

        # another router takes the address over, with no gap: in place
        ifb = sh("ip -j link show type ifb")
        sh(f"ip neigh replace 192.0.1.254 lladdr {MACS['office']} nud reachable dev p2sA")
        self.has(OFFICE)
        self.assertEqual(json.loads(ifb)[0]["ifindex"],
                         json.loads(sh("ip -j link show type ifb"))[0]["ifindex"])
        sh(f"ip neigh replace 192.0.1.254 lladdr {MACS['home']} nud reachable dev p2sA")
        self.has(HOME)

        # over a restart, and a crash
        self.bus.daemon.kill()
        self.bus.daemon.wait()
        self.bus.start_daemon()
        self.has(HOME)
        self.assertEqual(len(self.networks()), 2)

        # the other one's can be forgotten, and this one's
        listed = self.ctl("link", "--networks").stdout
        for text in (*MACS.values(), "10 Mbit/s", "20 Mbit/s"):
            self.assertIn(text, listed)
        done = self.ctl("link", "p2sA", "--forget", "gateway:" + MACS["office"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.networks()), 1)
        self.has(HOME)
        done = self.ctl("link", "p2sA", "--forget", "gateway:" + MACS["office"])
        self.assertEqual(done.returncode, 1)
        self.assertIn("no rates are remembered", done.stderr)
        self.ok("ForgetNetwork", "ss", "p2sA", "gateway:" + MACS["home"])
        self.is_unknown()

    def test_rates_of_an_older_version_hold_until_others_are_set(self):
        self.bus.stop_daemon()
        text = ("[Settings]\nVersion=1\nMode=shape\nLinks=1\n\n[Link auto]\n"
                f"UplinkBps={HOME[0]}\nDownlinkBps={HOME[1]}\nWhen=always\n\n")
        checksum = 0xcbf29ce484222325
        for byte in text.encode():
            checksum = (checksum ^ byte) * 0x100000001b3 % 2**64
        with open(f"{self.bus.dir}/state/settings", "w", encoding="ascii") as f:
            f.write(f"{text}[End]\nChecksum={checksum:016x}\n")
        self.bus.start_daemon()
        self.on("home")
        self.has(HOME, "link")
        self.plug("office")
        self.on("office")
        self.has(HOME, "link")
        self.set(OFFICE)
        self.has(OFFICE)
        self.plug("home")
        self.on("home")
        self.has(HOME, "link")
        self.set(HOME)  # the same, but from now on this network's
        self.has(HOME)


@unittest.skipUnless(shutil.which(NETWORK_MANAGER) and shutil.which("nmcli"),
                     "needs NetworkManager")
class NetworkManagerTest(NetworksTest):
    CONFIG = ("[main]\nplugins=keyfile\nno-auto-default=*\ndns=none\nauth-polkit=false\n"
              "[device]\nmatch-device=interface-name:p2sA\nmanaged=1\n"
              "[device-others]\nmatch-device=*\nmanaged=0\n")

    def setUp(self):
        super().setUp()
        self.manager = None
        # its own, empty, and no udev to wait for
        sh("mount -t sysfs -o ro sysfs /sys && for d in /run/NetworkManager"
           " /var/lib/NetworkManager /etc/NetworkManager; do mkdir -p $d &&"
           " mount -t tmpfs none $d || exit 1; done;"
           " mkdir /etc/NetworkManager/system-connections")
        with open("/etc/NetworkManager/NetworkManager.conf", "w", encoding="ascii") as f:
            f.write(self.CONFIG)
        self.addCleanup(self.stop_manager)

    def start_manager(self):
        self.manager = subprocess.Popen([NETWORK_MANAGER, "--no-daemon"], env=self.bus.environ,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: self.bus.has_owner("org.freedesktop.NetworkManager"), 60)
        wait_for(lambda: "p2sA" in self.nm("-t -f DEVICE device"), 60)

    def stop_manager(self):
        if self.manager:
            self.bus.stop_process(self.manager)
            self.manager = None

    def nm(self, command):
        return sh("nmcli --wait 30 " + command, env=self.bus.environ)

    def test_connections(self):
        self.start_manager()
        self.bus.start_daemon()
        self.ok("SetMode", "s", "shape")
        for name, rates in (("home", HOME), ("office", OFFICE)):
            # as a guest's Wi-Fi on the same router: only NetworkManager knows
            self.nm(f"connection add type ethernet ifname p2sA con-name {name} autoconnect no"
                    " ipv4.method manual ipv4.addresses 192.0.1.1/24"
                    " ipv4.gateway 192.0.1.254 ipv6.method disabled")
            self.nm(f"connection up {name}")
            wait_for(lambda n=name: self.link().get("NetworkName") == n, PATIENCE)
            uuid = self.nm(f"-g connection.uuid connection show {name}").strip()
            wait_for(lambda u=uuid: self.link().get("Network") == f"nm:{u}/{MACS['home']}",
                     PATIENCE)
            self.is_unknown()
            self.set(rates)
            self.has(rates)
        for name, rates in (("home", HOME), ("office", OFFICE), ("home", HOME)):
            begin = time.monotonic()
            self.nm(f"connection up {name}")
            self.has(rates)
            print(f"connection up {name}: {time.monotonic() - begin:.2f} s", file=sys.stderr)
        # without it the gateway alone says where this is; with it again, the connection
        self.manager.kill()
        self.manager.wait()
        wait_for(lambda: self.link().get("Network") == "gateway:" + MACS["home"], PATIENCE)
        self.start_manager()
        self.nm("connection up home")
        self.has(HOME)
        self.assertEqual(self.bus.stop_daemon(), 0)


if __name__ == "__main__":
    private_bus.enter_namespaces()
    sh("mkdir -p /run/netns && mount -t tmpfs none /run/netns")  # names of its own
    unittest.main(verbosity=2)
