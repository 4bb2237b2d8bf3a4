# SPDX-License-Identifier: GPL-2.0-or-later
"""What p2sd does on a kernel that lacks a part, which P2S_HIDE names: a module that cannot
be loaded (tests/vm/hide-module), or, on any kernel, "btf", "xdp", "bpf" or "links"."""
import json
import os
import subprocess
import unittest

import private_bus
from private_bus import sh, wait_for

HIDDEN = os.environ.get("P2S_HIDE", "")
BUILD = os.environ.get("P2S_BUILD", os.path.join(private_bus.SOURCE, "build"))
RTPCALL = os.path.join(BUILD, "tests", "lab", "rtpcall")
PRELOAD = os.path.join(BUILD, "tests", "dbus", "libhide.so")


def state():
    return sh("tc -j qdisc show; ip -j -d link | sed 's/\"gc_timer\":[0-9.]*//g'")


class DegradedTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.with_a_link(cls)
        cls.environ = {}
        if HIDDEN == "btf" and os.path.exists("/sys/kernel/btf"):
            # libbpf looks nowhere else that there is something
            sh("mount -t tmpfs none /sys/kernel/btf")
        if HIDDEN in ("bpf", "xdp", "links"):
            order = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0")))
            cls.environ = {"LD_PRELOAD": PRELOAD, "P2S_HIDE": HIDDEN, "ASAN_OPTIONS": order}
        cls.config = os.path.join(cls.bus.dir, "better-days.conf")
        with open(cls.config, "w", encoding="utf-8") as f:
            f.write("[Service]\nMode=shape\n[Link p2sA]\nUplink=10M\nDownlink=50M\n")
        sh("sysctl -qw net.ipv4.conf.p2sA.forwarding=1")

    def setUp(self):
        private_bus.clear(self.bus)
        self.before = state()
        self.start()
        self.addCleanup(self.stop)
        self.set_link = self.bus.call("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 1,
                                      "xdp", "s", "native").stderr

    def stop(self):
        self.assertEqual(self.bus.stop_daemon(), 0)
        self.assertEqual(state(), self.before)

    def start(self, *args):
        # the bus may hear a little later that the one before has ended
        wait_for(lambda: not self.bus.has_owner("org.p2s.Manager"), 60)
        self.bus.start_daemon(*args, env=self.environ)

    def link(self):
        return {k: v["data"] for k, v in self.bus.properties()["Links"][0].items()}

    def mode(self, mode):
        """… is asked for; what the refusal says."""
        done = self.bus.call("SetMode", "s", mode)
        if done.returncode == 0:
            self.assertEqual(self.bus.properties()["EffectiveMode"], mode)
        return done.stderr

    def assert_runs(self, mode, outgoing, incoming, degraded):
        self.assertEqual(self.set_link, "")
        self.assertEqual(self.mode(mode), "")
        link = self.link()
        self.assertEqual((link["Outgoing"], link["Incoming"], link["Degraded"]),
                         (outgoing, incoming, degraded), link)
        return link

    def assert_finds_a_call(self):
        call = subprocess.Popen([RTPCALL, "--peer", "192.0.2.2:40002", "--seconds", "60"])
        try:
            wait_for(lambda: json.loads(self.bus.call("GetCalls").stdout)["data"][0], 60)
        finally:
            call.terminate()
            call.wait()

    def assert_idle(self, words):
        """Nothing but "off" can be had, and p2sd is there to say why."""
        for mode in ("monitor", "mark", "shape"):
            self.assertIn(words, self.mode(mode))
        self.assertEqual(self.bus.properties()["EffectiveMode"], "off")
        self.assertEqual(self.mode("off"), "")

    def lacks_(self):
        link = self.assert_runs("shape", "shaped", "shaped", [])
        self.assertEqual((link["Aqm"], link["Xdp"]), ("fq_codel", "native"))
        self.assert_finds_a_call()

    def lacks_sch_ingress(self):
        self.assert_idle("modprobe sch_ingress")
        self.assertIn("no clsact", self.link()["Degraded"])

    def lacks_bpf(self):
        self.assert_idle("refuses p2sd's BPF programs")
        self.assertIn("cannot load the programs", self.set_link)

    def lacks_sch_htb(self):
        self.assertIn("modprobe sch_htb", self.mode("shape"))
        # no kind of queue can be tried without HTB, and none is missed
        degraded = self.link()["Degraded"]
        self.assertIn("no htb", degraded)
        self.assert_runs("mark", "marked", "marked", degraded)
        self.assert_finds_a_call()

    def lacks_ifb(self):
        self.assert_runs("shape", "shaped", "marked", self.link()["Degraded"])
        self.assertIn("no ifb", self.link()["Degraded"])
        self.assert_finds_a_call()

    def lacks_links(self):
        """What else it can do is tried on a veth, then."""
        self.lacks_ifb()
        self.assertNotIn("no htb", self.link()["Degraded"])

    def lacks_sch_fq_codel(self):
        link = self.assert_runs("shape", "shaped", "shaped", ["no fq_codel"])
        # tight without waiting for a call
        self.assertEqual(self.bus.call("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 1, "when",
                                       "s", "always").returncode, 0)
        self.assertEqual(link["Aqm"], "bfifo")
        # general: 50 ms at 10 Mbit/s, after a moment at half of it
        wait_for(lambda: 62500 in {
            q["options"]["limit"] for q in json.loads(sh("tc -j qdisc show dev p2sA"))
            if q["kind"] == "bfifo"}, 60)
        self.assert_finds_a_call()

    def lacks_btf(self):
        """Only whose a socket is takes longer to find."""
        self.assertFalse(os.path.exists("/sys/kernel/btf/vmlinux"))
        self.assert_runs("shape", "shaped", "shaped", self.link()["Degraded"])
        self.assert_finds_a_call()

    def lacks_xdp(self):
        """Calls are marked behind it as ever, on their way in as on their way out."""
        link = self.assert_runs("mark", "marked", "marked", self.link()["Degraded"])
        self.assertEqual(link["Xdp"], "refused")
        self.assert_finds_a_call()

    def test_it(self):
        getattr(self, "lacks_" + HIDDEN)()

    def test_mode_of_better_days(self):
        """That a mode was chosen which cannot be had keeps p2sd from nothing."""
        self.assertEqual(self.bus.stop_daemon(), 0)
        private_bus.clear(self.bus)
        self.start("--config", self.config)
        self.assertEqual(self.bus.properties()["Mode"], "shape")
        link = self.link()
        if HIDDEN in ("sch_ingress", "bpf"):
            self.assertEqual(link["State"], "failed")
            self.assertNotEqual(link["Reason"], "")
        elif HIDDEN == "sch_htb":
            self.assertEqual((link["Outgoing"], link["Incoming"]), ("marked", "marked"))
        else:
            self.assertEqual(link["Outgoing"], "shaped")


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
