#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The panel in other languages: in one that is made up every text is translated, and one
that is written from right to left turns the window around."""

import os
import re
import shutil
import subprocess
import tempfile

import accessible
import case
import desktop
from desktop import SystemBus, stop, wait_for

SCENARIO = os.path.join(desktop.HERE, "scenario.py")
PO = os.path.join(desktop.SOURCE, "po")
BEGIN, END = "⟦", "⟧"
# What is no text of the panel's: names and figures, GTK's own buttons and (in GTK 4.8)
# the type of what has no name.
NAMES = re.compile(r"\b(?:P2S|eth\d|linphone|SIP and RTP|RTP|Opus|EF|Microsoft Teams|Zoom|Discord|Google Meet|WhatsApp|"
                   r"ms|[kMG]bit/s|(?:Minimize|Maximize|Close)(?: the window)?|Stack|(?:Gtk|Adw|P2s)[A-Z]\w+)\b")


class LanguagesTest(case.PanelCase):
    def open(self, **environ):
        bus = SystemBus()
        self.addCleanup(bus.close)
        service = subprocess.Popen([SCENARIO, "--mode", "shape", "--history", "60"],
                                   env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=bus.address))
        self.addCleanup(stop, service)
        self.open_panel(bus.address, **environ)

    def made_up(self):
        """A folder of catalogs in which each text of the panel's is itself, in brackets."""
        folder = tempfile.mkdtemp(prefix="p2s-gui-po-")
        self.addCleanup(shutil.rmtree, folder)
        # Any complete catalog has all texts; msgen takes them for their own translation.
        catalog, filled = os.path.join(folder, "p2s.pot"), os.path.join(folder, "xx.po")
        subprocess.run(["msgattrib", "--clear-obsolete", "--empty", "--no-wrap", "-o", catalog, os.path.join(PO, "de.po")],
                       check=True)
        subprocess.run(["msgen", "--no-wrap", "-o", filled, catalog], check=True)
        with open(filled, encoding="utf-8") as file:
            head, body = file.read().split("\n\n", 1)
        body = re.sub(r'^(msgstr(?:\[\d\])?) "(.+)"$', rf'\1 "{BEGIN}\2{END}"', body, flags=re.M)
        with open(filled, "w", encoding="utf-8") as file:
            file.write(head + "\n\n" + body)
        os.makedirs(os.path.join(folder, "xx", "LC_MESSAGES"))
        subprocess.run(["msgfmt", "-o", os.path.join(folder, "xx", "LC_MESSAGES", "p2s.mo"), filled], check=True)
        return folder

    def untranslated(self):
        """Texts with a word that stands in no brackets."""
        for node in self.panel.nodes():
            for text in (node.name, node.description):
                rest = text
                while re.search(f"{BEGIN}[^{BEGIN}{END}]*{END}", rest):
                    rest = re.sub(f"{BEGIN}[^{BEGIN}{END}]*{END}", "", rest)
                rest = NAMES.sub("", rest)
                if re.search(r"[^\W\d_]{2,}", re.sub(r"\[?[0-9a-f]*:[0-9a-f:.\]]+", "", rest)):
                    yield node.role, text

    def test_every_text_is_translated(self):
        self.open(LANGUAGE="xx", P2S_LOCALEDIR=self.made_up())
        wait_for(lambda: self.panel.says("linphone") and self.panel.says(BEGIN))
        found = set()
        self.panel.tab_to("linphone")
        self.panel.key("space")
        for number, says in enumerate(("linphone", "RTP", "eth0"), 1):
            self.panel.key(f"alt+{number}")
            self.panel.wait_says(says)
            found |= set(self.untranslated())
        self.assertEqual(found, set())

    def test_arabic_turns_the_window_around(self):
        def left(node):
            (box,) = self.panel.reader.ask([(node.bus, node.path, "org.a11y.atspi.Component", "GetExtents",
                                             accessible.GLib.Variant("(u)", (1,)))])
            return box[0][0]

        self.open(LANGUAGE="ar", P2S_LOCALEDIR=os.path.join(desktop.BUILD, "po"))
        wait_for(lambda: self.panel.says("linphone"))
        nodes = self.panel.nodes()
        switch = next(node for node in nodes if node.role == "check box" and "الأولوية" in node.name)
        title = next(node for node in nodes if node.role == "label" and "الأولوية" in node.name)
        self.assertLess(left(switch), left(title))


if __name__ == "__main__":
    case.main()
