#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The panel against the scenario service: every state a person can meet.

Driven by accessibility, as a screen reader would; every warning is fatal."""

import os
import re
import subprocess
import time

import accessible
import case
from case import SCENARIO
from desktop import wait_for


class PanelTest(case.ScenarioCase):
    def mode(self):
        out = subprocess.run(
            ["gdbus", "call", "--system", "--dest", "org.p2s.Manager", "--object-path",
             "/org/p2s/Manager", "--method", "org.freedesktop.DBus.Properties.Get", "org.p2s.Manager", "Mode"],
            capture_output=True, text=True, env=self.environ(), check=True)
        return out.stdout.split("'")[1]

    def test_the_switch_turns_it_on_and_back(self):
        self.open("--mode", "monitor")
        self.panel.wait_switch(on=False)
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=True)
        self.assertEqual(self.mode(), "shape")
        self.panel.wait_says("1 call protected on Ethernet")
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=False)
        # It measured before it was turned on, so it does after.
        self.assertEqual(self.mode(), "monitor")
        self.panel.wait_says("1 call, not protected on Ethernet")

    def test_off_returns_to_off(self):
        self.open("--mode", "off")
        self.panel.wait_switch(on=False)
        self.panel.wait_says("Nothing on this computer’s network is changed")
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=True)
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=False)
        self.assertEqual(self.mode(), "off")

    def test_the_switch_waits_for_a_slow_answer(self):
        self.open("--mode", "monitor")
        self.panel.wait_switch(on=False)
        self.ask("hold")
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=True, reacts=False)
        self.assertEqual(self.mode(), "monitor")
        self.ask("go")
        self.panel.wait_switch(on=True, reacts=True)
        self.assertEqual(self.mode(), "shape")

    def test_an_error_puts_the_switch_back(self):
        self.open("--mode", "monitor")
        self.panel.wait_switch(on=False)
        self.ask("hold")
        self.ask("error org.p2s.Error.NotSupported Load it with modprobe sch_htb")
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=True, reacts=False)
        self.ask("go")
        self.panel.wait_switch(on=False)
        self.panel.wait_says("That did not work")
        self.panel.press(self.panel.wait_button("Details"))
        self.panel.wait_says("Load it with modprobe sch_htb")
        self.panel.press(self.panel.wait_button("Close", ""))

    def test_a_refusal_is_explained(self):
        self.open("--mode", "monitor")
        self.panel.wait_switch(on=False)
        self.ask("error org.freedesktop.DBus.Error.AccessDenied not authorised")
        self.panel.press(self.panel.switch())
        self.panel.wait_says("You May Not Change This")
        self.panel.wait_switch(on=False)
        # Another user may: what was said is no longer the last word.
        self.ask("mode shape")
        self.panel.wait_switch(on=True)
        self.panel.wait_silent("You May Not Change This")

    def test_a_refusal_leaves_rules_and_connection_as_they_are(self):
        self.open("--mode", "monitor")
        self.panel.wait_switch(on=False)
        self.ask("error org.freedesktop.DBus.Error.AccessDenied not authorised")
        self.panel.key("alt+2")
        self.panel.press(self.panel.wait_button("Remove RTP"))
        self.panel.wait_says("You may not change this")
        # The row is still there, and reacts.
        self.assertTrue(self.panel.wait_button("Remove RTP").has(accessible.SENSITIVE))
        self.panel.press(self.panel.wait_button("Remove 46 (EF)"))
        wait_for(lambda: self.ask("lines").count("SetDscps") == 1)
        self.assertTrue(self.panel.wait_button("Remove 46 (EF)").has(accessible.SENSITIVE))
        self.panel.key("alt+3")
        self.panel.wait_says("How Fast Is Your Connection?")
        trust = "Believe Marks of Incoming Packets"
        self.panel.press(self.panel.wait_check(trust))
        wait_for(lambda: self.ask("lines").count("SetLink") == 1)
        wait_for(lambda: self.reacts_and_is_off(trust))
        self.panel.press(self.panel.wait_button("Forget Café <Müller>"))
        self.panel.press(self.panel.wait_answer("Forget"))
        wait_for(lambda: self.ask("lines").count("ForgetNetwork") == 1)
        wait_for(lambda: self.panel.wait_button("Forget Café <Müller>").has(accessible.SENSITIVE))
        # It works once it is allowed.
        self.ask("error")
        self.panel.key("alt+2")
        self.panel.press(self.panel.wait_button("Remove 46 (EF)"))
        self.panel.wait_says("Mark removed")

    def reacts_and_is_off(self, name):
        node = self.panel.wait_check(name)
        return node.has(accessible.SENSITIVE) and not node.has(accessible.CHECKED)

    def test_the_switch_follows_others(self):
        self.open("--mode", "monitor")
        for mode, on in (("shape", True), ("off", False), ("mark", True), ("monitor", False)):
            self.ask("mode " + mode)
            self.panel.wait_switch(on)

    def test_graphs_are_told_in_words(self):
        self.open("--mode", "shape", "--history", "60")
        self.panel.wait_says("Jitter: Outgoing 0.")
        self.panel.wait_says("Bitrate: Outgoing 8")
        self.panel.press(self.panel.wait_button("All Traffic"))
        self.panel.wait_says("Others, incoming 4")
        self.panel.press(self.panel.wait_button("10 min"))
        self.ask("mode off")
        self.panel.wait_says("Jitter: Outgoing –, Incoming –")

    def test_the_first_start_explains_and_asks_nothing(self):
        self.open("--mode", "off", first_run=True)
        self.panel.wait_says("Clear Calls on a Full Line")
        self.assertIsNone(self.panel.switch())
        self.panel.press(self.panel.wait_button("Continue"))
        self.panel.wait_switch(on=False)
        # Once is enough.
        self.assertEqual(self.panel.close(), 0)
        with open(os.path.join(self.desktop.dir, "config", "p2s", "panel.ini"), encoding="utf-8") as file:
            self.assertIn("Welcomed=true", file.read())

    def test_a_mode_is_chosen_in_plain_language(self):
        self.open("--mode", "shape")
        self.panel.wait_switch(on=True)
        self.panel.wait_says("Send and Receive Calls First")
        self.panel.tab_to("What P2S Does")
        self.panel.key("space")
        self.panel.tab_to("Only Mark Calls", key="Down")
        self.panel.key("space")
        wait_for(lambda: self.mode() == "mark")
        self.panel.wait_switch(on=True)
        # The switch comes back to what was chosen.
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=False)
        self.assertEqual(self.mode(), "off")
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=True)
        self.assertEqual(self.mode(), "mark")

    def test_keys_read_a_graph_and_it_can_stand_still(self):
        self.open("--mode", "shape", "--history", "400")
        self.panel.wait_says("Jitter: Outgoing 0.")
        self.panel.tab_to("Jitter: ", "image")
        self.panel.key("ctrl+3")
        self.panel.key("Home")
        self.panel.wait_says("· Measuring")
        self.wait_newest_read()
        self.panel.wait_says("· Prioritising")
        self.panel.key("Left", "Left", "Left")
        self.panel.key("ctrl+space")
        # Paused, the right end grows old.
        wait_for(lambda: self.age_at_end() >= 4)
        self.panel.key("ctrl+space")
        self.wait_newest_read()
        self.panel.key("Escape")
        self.panel.wait_says("Jitter: Outgoing 0.")

    def read_age(self):
        """How many seconds ago it was what the graph of jitter is read at; -1: it is not read."""
        for text in self.panel.texts():
            found = re.match(r"Jitter, (?:(\d+)\s*min\s+)?([\d.]+)\s*s ago", text)
            if found:
                return 60 * int(found[1] or 0) + float(found[2])
        return -1

    def age_at_end(self):
        """After going to the right end: what is read there moves away while one looks at it."""
        self.panel.key("End")
        return self.read_age()

    def wait_newest_read(self):
        wait_for(lambda: 0 <= self.age_at_end() < 2, message="the right end of the graph is old")

    def test_graphs_are_copied(self):
        self.open("--mode", "shape", "--history", "60")
        self.panel.wait_says("Jitter: Outgoing 0.")
        self.panel.key("ctrl+shift+c")
        self.panel.wait_says("Figures copied")
        rows = self.panel.clipboard("text").splitlines()
        self.assertEqual(rows[0].split(",")[:6], ["link", "time_usec", "interval_usec", "mode", "calls",
                                                  "outgoing_voice_bitrate_bps"])
        self.assertGreater(len(rows), 50)
        self.assertEqual({len(row.split(",")) for row in rows}, {5 + 36})
        self.assertTrue(rows[1].startswith('"eth0",'), rows[1])
        times = [int(row.split(",")[1]) for row in rows[1:]]
        self.assertEqual(times, sorted(times))
        self.panel.key("ctrl+shift+j")
        self.panel.wait_says("Picture copied")
        width, height = map(int, self.panel.clipboard("picture").split())
        self.assertGreater(width, 1200)
        self.assertGreater(height, 400)

    def test_a_kernel_without_fq_codel_is_told_of(self):
        self.open("--mode", "shape")
        self.panel.wait_switch(on=True)
        self.ask("degraded no fq_codel")
        self.panel.wait_says("Other Traffic May Feel Slow")
        self.panel.wait_says("modprobe sch_fq_codel")
        self.ask("degraded")
        self.panel.wait_silent("Other Traffic May Feel Slow")

    def test_a_link_that_is_gone_is_waited_for(self):
        self.open("--mode", "shape")
        self.panel.wait_switch(on=True)
        self.ask("link absent")
        self.panel.wait_says("The Network Is Not Connected")
        self.ask("link active")
        self.panel.wait_silent("The Network Is Not Connected")

    def test_calls_come_and_go(self):
        self.open("--mode", "shape", "--calls", "0")
        self.panel.wait_says("No call at present")
        self.ask("calls 2")
        self.panel.wait_says("198.51.100.23:40001")
        self.panel.wait_says("linphone")
        self.panel.wait_says("Excellent")
        # Each opens to its flows, why it was recognised and its graphs.
        self.panel.tab_to("linphone")
        self.panel.key("space")
        self.panel.wait_says("Incoming Voice")
        self.panel.wait_says("recognised as a stream of speech or pictures (RTP)")
        self.panel.wait_says("Since this window was opened")
        # What ended stays with its summary.
        self.ask("calls 1")
        self.panel.wait_says("Ended")
        self.panel.wait_says("198.51.100.23:40001")

    def test_hidden_calls_are_one_quiet_row(self):
        self.open("--mode", "shape", "--calls", "0")
        self.ask("hide")
        self.ask("calls 1")
        self.panel.wait_says("Calls Are Hidden")
        self.ask("unhide")
        self.panel.press(self.panel.wait_button("Show…"))
        self.panel.wait_says("linphone")

    def test_a_taken_link_is_explained(self):
        self.open("--mode", "monitor")
        self.panel.wait_switch(on=False)
        self.ask("link busy htb 8001:")
        self.panel.wait_says("The Network Is Taken")
        self.panel.wait_says("htb 8001:")
        self.ask("link active")
        self.panel.wait_silent("The Network Is Taken")
        self.ask("link none")
        self.panel.wait_says("No Network Is Chosen")

    def test_samples_are_wanted_only_while_they_are_seen(self):
        self.open("--mode", "shape")
        wait_for(lambda: self.ask("subscribers") == "1")
        self.panel.window("windowunmap")
        wait_for(lambda: self.ask("subscribers") == "0")
        self.panel.window("windowmap")
        wait_for(lambda: self.ask("subscribers") == "1")
        asked = self.ask("lines").split("\\n")
        self.assertEqual(asked.count("Subscribe"), 2)
        self.assertEqual(asked.count("GetHistory"), 2)

    def test_killed_and_restarted_ten_times(self):
        self.open("--mode", "monitor", "--history", "30")
        self.panel.wait_switch(on=False)
        for i in range(10):
            self.service.kill()
            self.service.wait()
            # It waits, or has given way to the page that says why.
            wait_for(lambda: self.panel.switch_state() in ((i % 2 == 1, False), None))
            time.sleep(0.4)  # two samples are missing: less would be no gap
            mode = ("shape", "monitor")[i % 2]
            self.serve("--mode", mode)
            self.panel.wait_switch(on=mode == "shape")
            # the first of them has arrived
            wait_for(lambda: int(self.ask("sent")) >= 2)
        # Each time something is missing, which the graphs do not bridge.
        self.panel.key("ctrl+shift+c")
        self.panel.wait_says("Figures copied")
        rows = [[int(n) for n in row.split(",")[1:3]] for row in self.panel.clipboard("text").splitlines()[1:]]
        gaps = [b for a, b in zip(rows, rows[1:]) if b[0] - b[1] - a[0] > 2 * b[1]]
        self.assertGreaterEqual(len(gaps), 10, rows)

    def test_killed_while_it_is_asked(self):
        self.open("--mode", "monitor", "--latency", "60000")
        self.panel.wait_switch(on=False)
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=True, reacts=False)
        self.ask("crash")
        self.panel.wait_says("stopped before it answered")
        self.service.wait()
        self.panel.wait_says("P2S Is Not")
        self.serve("--mode", "monitor")
        self.panel.wait_switch(on=False)
        self.panel.press(self.panel.switch())
        self.panel.wait_switch(on=True)

    def test_not_installed(self):
        self.open(service=False)
        self.panel.wait_says("P2S Is Not Installed")
        self.assertIsNone(self.panel.switch())
        # The package arrives.
        self.serve("--mode", "shape")
        self.panel.wait_switch(on=True)

    def test_not_running_can_be_started(self):
        self.open(service=False, activatable=f"{SCENARIO} --mode shape")
        self.panel.wait_says("P2S Is Not Running")
        self.panel.press(self.panel.wait_button("Start"))
        self.panel.wait_switch(on=True)
        self.ask("quit")
        self.panel.wait_says("P2S Is Not Running")

    def test_a_start_that_fails_is_told(self):
        self.open(service=False, activatable="/bin/false")
        self.panel.wait_says("P2S Is Not Running")
        self.panel.press(self.panel.wait_button("Start"))
        self.panel.wait_says("That did not work")
        self.panel.wait_says("P2S Is Not Running")

    def test_words_of_a_later_release_do_no_harm(self):
        self.open("--mode", "monitor")
        self.panel.wait_switch(on=False)
        self.ask("mode turbo")
        self.panel.wait_says("P2S is in a mode this window does not know")
        self.ask("link hibernating")
        self.ask("mode shape")
        self.panel.wait_switch(on=True)


if __name__ == "__main__":
    case.main()
