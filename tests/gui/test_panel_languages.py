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
from desktop import stop, wait_for

PO = os.path.join(desktop.SOURCE, "po")
BEGIN, END = "⟦", "⟧"
# What is no text of the panel's: names and figures, GTK's own buttons and (in GTK 4.8)
# the type of what has no name.
NAMES = re.compile(r"\b(?:P2S|eth\d|linphone|SIP and RTP|RTP|Opus|EF|Microsoft Teams|Zoom|Discord|Google Meet|WhatsApp|"
                   r"Café|Müller|ms|[kMG]bit/s|(?:Minimize|Maximize|Close)(?: the window)?|Stack|(?:Gtk|Adw|P2s)[A-Z]\w+)\b")

# What libadwaita's About window and GTK's window of shortcuts say by themselves.
LIBRARIES = {"About", "Acknowledgements", "Alt", "Back", "Credits", "Ctrl", "Debugging Information", "Details", "End", "Home",
             "Legal", "No Results Found", "Search Results", "Shift", "Shortcuts", "Translated by", "Troubleshooting",
             "Try a different search", "Try a different search.", "What’s New", "Copy Text", "_Copy Text Copy Text", "Save as…",
             "_Save as… Save as…"}
LIBRARIES_BEGIN = ("This application comes with absolutely no warranty.", "To assist in troubleshooting,")


class LanguagesTest(case.ScenarioCase):
    def made_up(self):
        """A folder of catalogs in which each text of the panel's is itself, in brackets."""
        folder = tempfile.mkdtemp(prefix="p2s-gui-po-")
        self.addCleanup(shutil.rmtree, folder)
        # Any complete catalog has all texts; msgen takes them for their own translation.
        catalog, filled = os.path.join(folder, "p2s.pot"), os.path.join(folder, "xx.po")
        subprocess.run(["msgfilter", "--keep-header", "--no-wrap", "-o", catalog, "-i", os.path.join(PO, "de.po"), "sed", "d"],
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
                if text in LIBRARIES or text.startswith(LIBRARIES_BEGIN):
                    continue
                rest = text
                while re.search(f"{BEGIN}[^{BEGIN}{END}]*{END}", rest):
                    rest = re.sub(f"{BEGIN}[^{BEGIN}{END}]*{END}", "", rest)
                rest = NAMES.sub("", rest)
                if re.search(r"[^\W\d_]{2,}", re.sub(r"\[?[0-9a-f]*:[0-9a-f:.\]]+", "", rest)):
                    yield node.role, text

    def open_made_up(self, *args, **options):
        self.open(*args, LANGUAGE="xx", P2S_LOCALEDIR=self.made_up(), **options)
        self.found = set()

    def look(self, *says):
        """Takes note of what is not translated, once the panel says this."""
        for text in says:
            self.panel.wait_says(text)
        self.found |= set(self.untranslated())

    def look_at_absence(self, says):
        """The page that says why there is nothing else."""
        self.look(BEGIN + says)
        self.assertEqual(self.found, set())

    def test_every_text_is_translated(self):
        self.open_made_up("--mode", "shape", "--history", "60", first_run=True)
        self.look(BEGIN + "Clear Calls on a Full Line")
        self.panel.press(self.panel.wait_button("Continue"))
        self.panel.wait_says("linphone")
        self.panel.tab_to("linphone")
        self.panel.key("space")
        for number, says in enumerate(("linphone", "RTP", "eth0"), 1):
            self.panel.key(f"alt+{number}")
            self.look(says)
        self.panel.press(self.panel.wait_button("Forget", which=0))
        self.look(BEGIN + "Forget the Speed of")
        self.panel.key("Escape")
        self.panel.wait_silent("Forget the Speed of")
        self.assertEqual(self.found, set())

    def test_every_window_is_translated(self):
        self.open_made_up("--mode", "shape")
        self.panel.wait_says("linphone")
        self.panel.key("ctrl+question")
        self.look(BEGIN + "Show one minute")
        self.panel.key("Escape")
        self.panel.wait_silent("Show one minute")
        self.panel.activate("about")
        self.look(BEGIN + "The P2S developers")
        self.panel.key("Escape")
        self.panel.wait_silent("The P2S developers")
        self.panel.activate("preferences")
        self.look(BEGIN + "Without a Window")
        self.panel.key("Escape")
        self.panel.wait_silent("Without a Window")
        self.assertEqual(self.found, set())

    def test_every_state_is_translated(self):
        self.open_made_up("--mode", "monitor", activatable=f"{case.SCENARIO} --mode shape")
        self.panel.wait_says("linphone")
        for command, says in (("link none", "No Network Is Chosen"), ("link absent", "The Network Is Not Connected"),
                              ("link busy htb 8001:", "The Network Is Taken"),
                              ("link failed ENODEV", "Something Went Wrong"), ("link active", "linphone"),
                              ("degraded no fq_codel", None), ("mode shape", "Other Traffic May Feel Slow"),
                              ("degraded no such thing", "Not Everything Is Possible Here"), ("degraded", None),
                              ("calls 0", "No call at present"), ("hide", None), ("calls 1", "Calls Are Hidden"),
                              ("mode off", "Nothing on this computer’s network is changed or measured"),
                              ("mode turbo", "P2S is in a mode this window does not know"), ("mode monitor", None)):
            self.ask(command)
            self.look(*([says] if says else []))
        self.ask("error org.freedesktop.DBus.Error.AccessDenied not authorised")
        self.panel.press(self.panel.find("check box", f"{BEGIN}Prioritise Calls{END}"))
        self.look(BEGIN + "You May Not Change This")
        self.assertEqual(self.found, set())
        self.ask("quit")
        self.look_at_absence("P2S Is Not Running")
        stop(self.bus.process)
        self.look_at_absence("No System Bus")

    def test_what_stands_where_nothing_is_installed_is_translated(self):
        self.open_made_up(service=False)
        self.look_at_absence("P2S Is Not Installed")

    def test_arabic_turns_the_window_around(self):
        def left(node):
            (box,) = self.panel.reader.ask([(node.bus, node.path, "org.a11y.atspi.Component", "GetExtents",
                                             accessible.GLib.Variant("(u)", (1,)))])
            return box[0][0]

        self.open("--mode", "shape", "--history", "60", LANGUAGE="ar", P2S_LOCALEDIR=os.path.join(desktop.BUILD, "po"))
        wait_for(lambda: self.panel.says("linphone"))
        nodes = self.panel.nodes()
        switch = next(node for node in nodes if node.role == "check box" and "الأولوية" in node.name)
        title = next(node for node in nodes if node.role == "label" and "الأولوية" in node.name)
        self.assertLess(left(switch), left(title))


if __name__ == "__main__":
    case.main()
