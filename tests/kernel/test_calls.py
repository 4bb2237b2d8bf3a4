#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Shaping follows calls: the real p2sd on a veth link, with real RTP packets."""
import json
import os
import re
import sys
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dbus"))
import private_bus  # noqa: E402
from private_bus import sh, wait_for  # noqa: E402
from talker import Talker  # noqa: E402

UP, DOWN = 10_000_000, 50_000_000
LOOSE = 100_000_000_000
TIGHTENS_WITHIN = 0.2  # seconds, of the target
SILENCE = 10


def root_rate(link="p2sA"):
    """Rate of HTB's class 1:1 in bit/s; 0 where there is none."""
    found = re.search(r"htb 1:1 root rate (\d+)([KMG]?)bit", sh(f"tc class show dev {link}"))
    return int(found[1]) * 1000 ** " KMG".index(found[2] or " ") if found else 0


class CallsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sh("ip link add p2sA type veth peer name p2sB && ip link set p2sA up &&"
           " ip link set p2sB up && ip addr add 192.0.2.1/24 dev p2sA &&"
           " ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev p2sA")
        cls.bus = private_bus.PrivateBus(polkit=False)

    @classmethod
    def tearDownClass(cls):
        cls.bus.close()

    def setUp(self):
        self.bus.start_daemon()
        self.addCleanup(self.stop_daemon)

    def stop_daemon(self):
        if self.bus.daemon:
            self.assertEqual(self.bus.stop_daemon(), 0)
        self.assertNotIn("htb", sh("tc qdisc show"))

    def shape(self, *options):
        for call in (("SetLink", "stta{sv}", "p2sA", UP, DOWN, len(options) // 3, *options),
                     ("SetMode", "s", "shape")):
            done = self.bus.call(*call)
            self.assertEqual(done.returncode, 0, done.stderr)

    def link(self):
        out = self.bus.run(["busctl", "--json=short", "get-property", "org.p2s.Manager",
                            "/org/p2s/Manager", "org.p2s.Manager", "Links"]).stdout
        return {k: v["data"] for k, v in json.loads(out)["data"][0].items()}

    def talk(self, ssrc):
        talker = Talker(ssrc)
        talker.start()
        self.addCleanup(talker.stop)
        return talker

    def test_tight_while_a_call_runs(self):
        self.shape()
        self.assertEqual(self.link()["When"], "call")
        self.assertEqual(self.link()["Shaping"], "loose")
        self.assertEqual(root_rate(), LOOSE)
        took = []
        for ssrc in range(1, 4):
            talker = self.talk(ssrc)
            wait_for(lambda: root_rate() < LOOSE, 5, 0.002)
            took.append(time.monotonic() - talker.confirmed)
            self.assertEqual(self.link()["Shaping"], "tight")
            # it drains at half the rate first
            wait_for(lambda: root_rate() == UP, 5)
            talker.stop()
            if ssrc == 1:
                silent = time.monotonic()
                wait_for(lambda: self.link()["Shaping"] == "loose", SILENCE + 5, 0.05)
                self.assertGreater(time.monotonic() - silent, SILENCE - 0.5)
                self.assertLess(time.monotonic() - silent, SILENCE + 2)
                self.assertEqual(root_rate(), LOOSE)
            else:  # the next one need not wait for silence: another choice loosens
                self.shape("when", "s", "always")
                self.assertEqual(self.link()["Shaping"], "tight")
                self.bus.call("SetMode", "s", "off")
                self.shape("when", "s", "call")
                self.assertEqual(self.link()["Shaping"], "loose")
        print("tight after", ", ".join(f"{1000 * t:.0f} ms" for t in took), file=sys.stderr)
        # a busy machine may be late once
        self.assertLess(sorted(took)[1], TIGHTENS_WITHIN)

    def test_always(self):
        self.shape("when", "s", "always")
        self.assertEqual(self.link()["Shaping"], "tight")
        wait_for(lambda: root_rate() == UP, 5)
        self.shape("when", "s", "call")
        self.assertEqual(self.link()["Shaping"], "loose")
        self.assertEqual(root_rate(), LOOSE)

    def test_a_call_that_runs_already(self):
        self.shape()
        self.bus.call("SetMode", "s", "mark")
        self.talk(77)
        wait_for(lambda: "77" in self.bus.call("GetCalls").stdout, 5)
        self.bus.call("SetMode", "s", "shape")
        wait_for(lambda: self.link()["Shaping"] == "tight", 2)
        # and where p2sd has to begin anew
        self.bus.daemon.kill()
        self.bus.daemon.wait()
        self.bus.start_daemon()
        wait_for(lambda: self.link().get("Shaping") == "tight", 2)


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
