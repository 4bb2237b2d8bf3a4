# SPDX-License-Identifier: GPL-2.0-or-later
"""A test of the panel: a screen for all tests of a class, and at the end of each a panel
that closes in order and has printed nothing."""

import os
import sys
import unittest

import desktop


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


def main(*needed):
    """Runs the tests of the script; skips them all where a program is not there."""
    desktop.check_needs()
    for program in needed:
        if not os.path.exists(program):
            desktop.skip(f"needs {program}: build first")
    unittest.main(argv=[sys.argv[0], "-v", *sys.argv[1:]], warnings="ignore")
