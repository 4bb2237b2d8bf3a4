#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""p2sctl watch against a scripted service, on a terminal and off."""

import json
import os
import re
import signal
import subprocess
import time

from scripted_service import Case, Gio, main, NAME, P2SCTL, PATH, sample, Terminal, v, wait_for


class Watch(Case):
    def setUp(self):
        super().setUp()
        self.service.replies["Subscribe"] = v("(t)", (1000000,))

    def send(self, **more):
        self.service.emit("Sample", v("(sttsua(tttttt)a(tttttt))", sample(**more)))

    def start(self, *arguments):
        process = subprocess.Popen([P2SCTL, "watch", *arguments], env=self.environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop, process)
        # What it reads once it is subscribed.
        wait_for(lambda: self.service.reads)
        return process

    def stop(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def test_plain_lines(self):
        watch = self.start("--interval", "200ms")
        self.assertEqual(self.changes(), [("Subscribe", (200000,), False)])
        self.assertIn("VOICE UP", watch.stdout.readline())
        self.send()
        line = watch.stdout.readline()
        self.assertRegex(line, r"^\d\d:\d\d:\d\d eth0    shape       1 +66 kbit/s 1.43 ms    2 ")
        self.assertLessEqual(len(line.rstrip("\n")), 80)
        self.assertNotIn("\x1b", line)
        watch.send_signal(signal.SIGINT)
        self.assertEqual(watch.communicate(timeout=20), ("", ""))
        self.assertEqual(watch.returncode, 0)

    def test_json_lines(self):
        watch = self.start("--json")
        self.send(link="wg0")
        row = json.loads(watch.stdout.readline())
        self.assertEqual((row["Link"], row["Outgoing"][0]["Class"]), ("wg0", "voice"))
        watch.send_signal(signal.SIGTERM)
        watch.communicate(timeout=20)
        self.assertEqual(watch.returncode, 0)

    def test_service_goes_and_returns(self):
        watch = self.start()
        watch.stdout.readline()
        self.changes()
        self.service.vanish()
        self.assertEqual(watch.stderr.readline(),
                         "p2sctl: p2sd has gone away; waiting for it to return\n")
        self.service.appear()
        self.assertEqual(watch.stderr.readline(), "p2sctl: p2sd is back\n")
        self.assertEqual(self.changes(), [("Subscribe", (1000000,), False)])
        self.send()
        self.assertIn("eth0", watch.stdout.readline())
        watch.send_signal(signal.SIGINT)
        watch.communicate(timeout=20)
        self.assertEqual(watch.returncode, 0)

    def test_only_the_service_is_believed(self):
        watch = self.start()
        watch.stdout.readline()
        other = Gio.DBusConnection.new_for_address_sync(
            self.bus.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        other.emit_signal(self.service.sender, PATH, NAME, "Sample",
                          v("(sttsua(tttttt)a(tttttt))", sample("fake0")))
        other.flush_sync()
        self.send()
        self.assertNotIn("fake0", watch.stdout.readline())
        watch.send_signal(signal.SIGINT)
        self.assertNotIn("fake0", watch.communicate(timeout=20)[0])
        other.close_sync()

    def test_bus_goes(self):
        watch = self.start()
        self.service.vanish()
        self.bus.daemon.terminate()
        err = watch.communicate(timeout=20)[1]
        self.assertIn("the system bus went away", err)
        self.assertEqual(watch.returncode, 3)

    def test_on_a_terminal(self):
        terminal = Terminal(["watch"], self.environment())
        wait_for(lambda: self.service.calls)
        terminal.read_until("Waiting for the first figures")
        for _ in range(3):
            self.send()
            time.sleep(0.05)
        terminal.read_until("▁|▂|█")
        self.assertIn("\x1b[?1049h", terminal.text)
        self.assertIn("\x1b[32m", terminal.text)
        self.assertIn("mode shape, held by zoom (a call); without it monitor", terminal.text)
        self.assertIn("eth0  active, 1 call  up 9.5 Mbit/s, shaped  down 47.5 Mbit/s, shaped",
                      terminal.text)
        terminal.text = ""
        self.service.changed(Holds=v("aa{sv}", []), EffectiveMode=v("s", "monitor"))
        terminal.read_until("mode monitor")
        terminal.text = ""
        terminal.resize(10, 60)
        terminal.read_until("LOST")
        self.service.vanish()
        terminal.read_until("gone away; waiting")
        terminal.text = ""
        self.service.appear()
        terminal.read_until("mode monitor")
        self.send()
        terminal.read_until("eth0  active, 1 call")
        os.write(terminal.fd, b"\x03")
        self.assertEqual(terminal.end(), 0)
        # The terminal is given back, and what was last seen stays.
        self.assertRegex(terminal.text, r"(?s)\x1b\[\?25h\x1b\[\?1049l.*voice.*LOST.*\Z")

    def test_q_ends_it(self):
        terminal = Terminal(["watch"], self.environment(NO_COLOR="1"))
        wait_for(lambda: self.service.calls)
        terminal.read_until("Waiting")
        self.send()
        terminal.read_until("LOST")
        os.write(terminal.fd, b"q")
        self.assertEqual(terminal.end(), 0)
        self.assertNotRegex(terminal.text, r"\x1b\[\d+m")

    def test_colour_and_picture_only_where_they_can_be_had(self):
        for env, picture, colour in (({}, True, True), ({"NO_COLOR": ""}, True, True),
                                     ({"NO_COLOR": "1"}, True, False),
                                     ({"TERM": "dumb"}, False, False)):
            terminal = Terminal(["watch"], self.environment(**env))
            self.service.calls.clear()
            wait_for(lambda: self.service.calls)
            terminal.read_until("Waiting" if picture else "VOICE UP")
            self.send()
            terminal.read_until("LOST" if picture else "eth0")
            os.write(terminal.fd, b"\x03")
            self.assertEqual(terminal.end(), 0)
            self.assertEqual("\x1b[?1049h" in terminal.text, picture, env)
            self.assertEqual(bool(re.search(r"\x1b\[3\dm", terminal.text)), colour, env)

    def test_error_on_a_terminal_is_seen_after_it_is_given_back(self):
        self.service.replies["Subscribe"] = ("org.freedesktop.DBus.Error.LimitsExceeded", "too many")
        terminal = Terminal(["watch"], self.environment())
        self.assertEqual(terminal.end(), 1)
        self.assertTrue(terminal.text.endswith("\x1b[?1049lp2sctl: watch: too many\r\n"),
                        terminal.text)


if __name__ == "__main__":
    main()
