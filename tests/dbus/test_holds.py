# SPDX-License-Identifier: GPL-2.0-or-later
"""What a client has of p2sd's, and how it ends: holds, p2sctl run, subscriptions."""
import os
import signal
import subprocess
import unittest

import private_bus
from caller import Caller
from private_bus import wait_for

P2SCTL = os.environ.get("P2SCTL", os.path.join(private_bus.SOURCE, "build", "daemon", "p2sctl"))
INVALID_HOLD = "org.p2s.Error.InvalidHold"


class HoldsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.with_a_link(cls)

    def setUp(self):
        self.bus.start_daemon("--log-level", "warning")
        self.bus.call("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 0)
        self.clients = []

    def tearDown(self):
        for c in self.clients:
            c.leave()
        self.bus.call("SetMode", "s", "off")
        self.assertEqual(self.bus.stop_daemon(), 0)

    def client(self):
        c = Caller(self.bus, 0)
        self.clients.append(c)
        return c

    def hold(self, client, mode, application="app"):
        """The cookie."""
        number = client.send("HoldMode", f"('{mode}', '{application}', 'why')")
        self.assertIsNone(client.wait(number))
        return client.answers[number]["result"].strip("(),").split()[-1]

    def modes(self):
        p = self.bus.properties()
        return p["Mode"], p["EffectiveMode"], len(p["Holds"])

    def test_the_strongest_of_two_wins_and_a_crash_releases(self):
        weak, strong = self.client(), self.client()
        self.hold(weak, "monitor")
        self.assertEqual(self.modes(), ("off", "monitor", 1))
        self.hold(strong, "shape")
        self.assertEqual(self.modes(), ("off", "shape", 2))
        self.assertIn("htb", subprocess.check_output(["tc", "qdisc", "show", "dev", "p2sA"],
                                                     text=True))
        strong.leave()  # SIGKILL
        wait_for(lambda: self.modes() == ("off", "monitor", 1))
        weak.leave()
        wait_for(lambda: self.modes() == ("off", "off", 0))
        self.assertNotIn("clsact", subprocess.check_output(["tc", "qdisc", "show", "dev", "p2sA"],
                                                           text=True))

    def test_a_hold_is_its_owners(self):
        owner, other = self.client(), self.client()
        cookie = self.hold(owner, "mark")
        self.assertEqual(other.call("ReleaseHold", f"(uint32 {cookie},)"), INVALID_HOLD)
        self.assertEqual(self.modes(), ("off", "mark", 1))
        self.assertIsNone(owner.call("ReleaseHold", f"(uint32 {cookie},)"))
        self.assertEqual(owner.call("ReleaseHold", f"(uint32 {cookie},)"), INVALID_HOLD)
        self.assertEqual(self.modes(), ("off", "off", 0))

    def test_setting_the_mode_ends_holds(self):
        owner = self.client()
        cookie = self.hold(owner, "mark")
        self.assertIsNone(self.client().call("SetMode", "('monitor',)"))
        self.assertEqual(self.modes(), ("monitor", "monitor", 0))
        self.assertEqual(owner.call("ReleaseHold", f"(uint32 {cookie},)"), INVALID_HOLD)

    def test_a_connection_has_32_at_most(self):
        owner = self.client()
        for _ in range(32):
            self.hold(owner, "monitor")
        self.assertEqual(owner.call("HoldMode", "('monitor', 'app', '')"), INVALID_HOLD)
        self.hold(self.client(), "monitor")
        self.assertEqual(self.modes(), ("off", "monitor", 33))
        owner.leave()
        wait_for(lambda: self.modes() == ("off", "monitor", 1))

    def test_what_it_says_of_itself_is_fit_to_be_shown(self):
        owner = self.client()
        for application, reason in (("a\\nb", ""), ("", "\\u001b[31m"), ("\\u0085", ""),
                                    ("", "\\u007f"), ("x" * 65, ""), ("", "x" * 257)):
            self.assertEqual(owner.call("HoldMode", f"('mark', '{application}', '{reason}')"),
                             INVALID_HOLD, (application, reason))
        self.assertEqual(self.modes(), ("off", "off", 0))
        self.assertIsNone(owner.call("HoldMode", f"('mark', 'Z\u00f6\u00eb', '{'x' * 256}')"))
        self.assertEqual(self.modes(), ("off", "mark", 1))

    def run_program(self, command):
        return subprocess.Popen([P2SCTL, "run", "--mode", "shape", "--", "sh", "-c", command],
                                env=self.bus.environ, stdin=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)

    def test_p2sctl_run_holds_while_the_program_lives(self):
        with self.run_program("read line; exit 7") as run:
            wait_for(lambda: self.modes() == ("off", "shape", 1))
            self.assertEqual(self.bus.properties()["Holds"][0]["Application"]["data"], "sh")
            # a service that starts anew is asked again
            self.assertEqual(self.bus.stop_daemon(), 0)
            self.bus.start_daemon("--log-level", "warning")
            wait_for(lambda: self.modes() == ("off", "shape", 1))
            run.stdin.write(b"\n")
            run.stdin.close()
            self.assertEqual(run.wait(20), 7)
        wait_for(lambda: self.modes() == ("off", "off", 0))

    def test_p2sctl_run_that_is_killed(self):
        with self.run_program("read line") as run:
            wait_for(lambda: self.modes() == ("off", "shape", 1))
            run.send_signal(signal.SIGKILL)
            wait_for(lambda: self.modes() == ("off", "off", 0))

    def test_intervals_are_clamped(self):
        c = self.client()
        for asked, granted in ((0, 100000), (1, 100000), (99999, 100000), (250000, 200000),
                               (10000001, 10000000), (2**64 - 1, 10000000)):
            number = c.send("Subscribe", f"(uint64 {asked},)")
            self.assertIsNone(c.wait(number))
            self.assertEqual(c.answers[number]["result"], f"({granted},)", asked)
        self.assertIsNone(c.call("Unsubscribe"))
        self.assertIsNone(c.call("Unsubscribe"))


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
