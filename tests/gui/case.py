# SPDX-License-Identifier: GPL-2.0-or-later
"""A test of the panel: a screen for all tests of a class, and at the end of each a panel
that closes in order and has printed nothing."""

import os
import subprocess
import sys
import unittest

import desktop
from desktop import SystemBus, stop, wait_for

SCENARIO = os.path.join(desktop.HERE, "scenario.py")


class PanelCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.desktop = desktop.Desktop()

    @classmethod
    def tearDownClass(cls):
        cls.desktop.close()

    def open_panel(self, address, **options):
        """Opens it on this bus; it is closed before what was set up earlier is torn down."""
        self.panel = desktop.Panel(self.desktop, address, **options)
        self.addCleanup(self.close_panel)

    def close_panel(self):
        pictures = os.environ.get("P2S_PICTURES")
        if pictures:
            self.desktop.picture(os.path.join(pictures, self.id().rpartition("__.")[2] + ".png"))
        try:
            self.assertEqual(self.panel.close(), 0, self.panel.output())
            self.assertEqual(self.panel.output(), "")
        finally:
            self.panel.errors.close()


class ScenarioCase(PanelCase):
    """With scenario.py for a service."""

    def serve(self, *args):
        """Starts the service; back when it answers."""
        self.service = subprocess.Popen([SCENARIO, *args], env=self.environ())
        wait_for(lambda: self.ask("subscribers") is not None, message="the scenario did not start")

    def environ(self):
        return dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.bus.address)

    def ask(self, command):
        """Has the scenario do it; its answer, None where there is no scenario."""
        out = subprocess.run(
            ["gdbus", "call", "--system", "--dest", "org.p2s.Manager", "--object-path",
             "/org/p2s/Scenario", "--method", "org.p2s.Scenario.Do", command],
            capture_output=True, text=True, env=self.environ(), check=False)
        return out.stdout.strip()[2:-3] if out.returncode == 0 else None

    def open(self, *args, service=True, activatable=None, **options):
        self.bus = SystemBus(activatable)
        self.addCleanup(self.bus.close)
        self.service = None
        self.addCleanup(lambda: stop(self.service))
        if service:
            self.serve(*args)
        self.open_panel(self.bus.address, **options)


def main(*needed):
    """Runs the tests of the script; skips them all where a program is not there."""
    desktop.check_needs()
    for program in needed:
        if not os.path.exists(program):
            desktop.skip(f"needs {program}: build first")
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]], warnings="ignore")
