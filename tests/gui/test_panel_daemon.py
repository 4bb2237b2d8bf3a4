#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The panel against the real p2sd, with a call on a link of a namespace of its own."""

import os
import signal
import subprocess
import sys

import case
import desktop

sys.path.insert(0, os.path.join(desktop.HERE, "..", "dbus"))
import private_bus  # noqa: E402
from talker import Talker  # noqa: E402

LINK, PEER, PORT = "p2sA", "192.0.2.2", 5004


def run(command):
    subprocess.run(command.split(), check=True)


class PanelDaemonTest(case.PanelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bus = private_bus.PrivateBus()
        run(f"ip link add {LINK} type veth peer name p2sB")
        run(f"ip link set {LINK} up")
        run("ip link set p2sB up")
        run(f"ip addr add 192.0.2.1/24 dev {LINK}")
        # Nobody answers there; the packets leave all the same.
        run(f"ip neigh add {PEER} lladdr 02:00:00:00:00:02 dev {LINK}")

    @classmethod
    def tearDownClass(cls):
        cls.bus.close()
        super().tearDownClass()

    def setUp(self):
        self.bus.start_daemon()
        self.addCleanup(self.stop_daemon)
        self.ask("SetLink", "stta{sv}", LINK, 10000000, 50000000, 0)
        self.ask("AddPorts", "qqss", PORT, PORT, "voice", "")
        self.ask("SetMode", "s", "monitor")
        self.talker = Talker(to=(PEER, PORT))
        self.talker.start()
        self.addCleanup(self.talker.stop)
        self.open_panel(self.bus.address)

    def stop_daemon(self):
        self.assertEqual(self.bus.stop_daemon(), 0)

    def ask(self, *args):
        done = self.bus.call(*args)
        self.assertEqual(done.returncode, 0, done.stderr)

    def mode(self):
        out = self.bus.run(["busctl", "get-property", "org.p2s.Manager", "/org/p2s/Manager", "org.p2s.Manager",
                            "Mode"])
        return out.stdout.split('"')[1]

    def test_the_switch_protects_a_call(self):
        self.panel.wait_switch(on=False)
        self.panel.wait_says(f"{PEER}:{PORT}")
        self.panel.wait_says(f"1 call, not protected on {LINK}")
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=True)
        self.assertEqual(self.mode(), "shape")
        self.panel.wait_says(f"1 call protected on {LINK}")
        # 50 packets a second of 160 + 12 + 8 + 20 bytes: 80 kbit/s.
        desktop.wait_for(lambda: any(t.startswith("Bitrate: Outgoing 8") or t.startswith("Bitrate: Outgoing 7")
                                     for t in self.panel.texts()), message=str(self.panel.texts()))
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=False)
        self.assertEqual(self.mode(), "monitor")

    def test_killed_and_restarted_ten_times(self):
        self.panel.wait_switch(on=False)
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=True)
        for _ in range(10):
            self.bus.stop_daemon(signal.SIGKILL)
            # It waits, or has given way to the page that says why.
            desktop.wait_for(lambda: self.panel.switch_state() in ((True, False), None))
            self.bus.start_daemon()
            self.panel.wait_switch(on=True)
        self.panel.wait_says(f"1 call protected on {LINK}")
        self.ask("SetMode", "s", "monitor")
        self.panel.wait_switch(on=False)


if __name__ == "__main__":
    desktop.check_needs()
    private_bus.enter_namespaces()
    case.main()
