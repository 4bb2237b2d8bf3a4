# SPDX-License-Identifier: GPL-2.0-or-later
"""What p2sd does on a kernel that lacks a part: run where P2S_HIDE names modules that
cannot be loaded (tests/vm/hide-module)."""
import json
import os
import unittest

import private_bus
from private_bus import sh

HIDDEN = os.environ.get("P2S_HIDE", "").split()


class DegradedTest(unittest.TestCase):
    def setUp(self):
        self.bus = private_bus.PrivateBus(polkit=False)
        sh("ip link add p2sA type veth peer name p2sB; ip link set p2sA up; ip link set p2sB up")
        self.before = sh("tc -j qdisc show; ip -j -d link")
        self.bus.start_daemon()
        self.assertEqual(self.bus.call("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 0)
                         .returncode, 0)

    def tearDown(self):
        self.assertEqual(self.bus.stop_daemon(), 0)
        self.assertEqual(sh("tc -j qdisc show; ip -j -d link"), self.before)
        self.bus.close()

    def link(self):
        done = self.bus.run(["busctl", "--json=short", "get-property", "org.p2s.Manager",
                             "/org/p2s/Manager", "org.p2s.Manager", "Links"])
        return {k: v["data"] for k, v in json.loads(done.stdout)["data"][0].items()}

    def test_degraded(self):
        shape = self.bus.call("SetMode", "s", "shape")
        if "sch_htb" in HIDDEN:
            self.assertNotEqual(shape.returncode, 0)
            self.assertIn("modprobe sch_htb", shape.stderr)
            self.assertEqual(self.bus.call("SetMode", "s", "mark").returncode, 0)
            self.assertEqual((self.link()["Outgoing"], self.link()["Incoming"]),
                             ("marked", "marked"))
            self.assertIn("no htb", self.link()["Degraded"])
            return
        self.assertEqual(shape.returncode, 0, shape.stderr)
        link = self.link()
        if "ifb" in HIDDEN:
            self.assertEqual((link["Outgoing"], link["Incoming"]), ("shaped", "marked"))
            self.assertIn("no ifb", link["Degraded"])
        if "sch_fq_codel" in HIDDEN:
            self.assertEqual((link["Aqm"], link["Outgoing"], link["Incoming"]),
                             ("bfifo", "shaped", "shaped"))
            self.assertIn("no fq_codel", link["Degraded"])
            limits = {q["options"]["limit"] for q in json.loads(sh("tc -j qdisc show dev p2sA"))
                      if q["kind"] == "bfifo"}
            # general: 50 ms at 10 Mbit/s
            self.assertIn(62500, limits)
        if not HIDDEN:
            self.assertEqual(link["Aqm"], "fq_codel")
            self.assertEqual(link["Degraded"], [])


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
