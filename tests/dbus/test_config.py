# SPDX-License-Identifier: GPL-2.0-or-later
"""The running daemon and its files: where configuration is read, what a reload changes
and leaves alone, what becomes of a damaged file of choices.

/etc/p2s and the like are the test's own, in a mount namespace.  What a reload does to
a link is seen on the real kernel, in a network namespace; the rest needs none.
"""
import json
import os
import re
import signal
import subprocess
import tempfile
import unittest

import private_bus
from private_bus import wait_for

ETC, RUN, LOCAL, LIB = "/etc/p2s", "/run/p2s", "/usr/local/lib/p2s", "/usr/lib/p2s"


def sh(command):
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


class ConfigTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.PrivateBus(polkit=False)
        cls.made = [d for d in (ETC, RUN, LOCAL, LIB) if not os.path.isdir(d)]
        for d in (ETC, RUN, LOCAL, LIB):
            os.makedirs(d, exist_ok=True)
            subprocess.check_call(["mount", "-t", "tmpfs", "p2s-test", d])
        sh("ip link add p2sA type veth peer name p2sB")
        sh("ip link set p2sA up; ip link set p2sB up")

    @classmethod
    def tearDownClass(cls):
        cls.bus.close()
        for d in (ETC, RUN, LOCAL, LIB):
            subprocess.call(["umount", d])
        for d in cls.made:  # below the mounts this was the machine's own
            os.rmdir(d)

    def setUp(self):
        self.stderr = tempfile.TemporaryFile()
        self.addCleanup(self.stderr.close)
        self.addCleanup(self.clean)

    def clean(self):
        if self.bus.daemon:
            self.assertEqual(self.bus.stop_daemon(), 0)
        private_bus.clear(self.bus)
        for d in (ETC, RUN, LOCAL, LIB):
            sh(f"rm -rf {d}/*")

    def start(self, *args, fake=True):
        self.bus.start_daemon(*(["--fake"] if fake else []), *args, stderr=self.stderr,
                              env={"P2S_FAKE": "p2sA busy:p2sB"})

    def put(self, path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def lines(self):
        self.stderr.seek(0)
        return self.stderr.read().decode().splitlines()

    def call(self, *args):
        done = self.bus.call(*args)
        self.assertEqual(done.returncode, 0, done.stderr)

    def properties(self):
        done = self.bus.run(["busctl", "--json=short", "call", "org.p2s.Manager",
                             "/org/p2s/Manager", "org.freedesktop.DBus.Properties", "GetAll", "s",
                             "org.p2s.Manager"])
        self.assertEqual(done.returncode, 0, done.stderr)
        return {k: p["data"] for k, p in json.loads(done.stdout)["data"][0].items()}

    def hang_up(self):
        """SIGHUP, and until it has been acted upon."""
        before = sum(": configuration: " in x for x in self.lines())
        self.bus.daemon.send_signal(signal.SIGHUP)
        wait_for(lambda: sum(": configuration: " in x for x in self.lines()) > before)

    # -- where it is read --

    def test_precedence(self):
        self.put(f"{LIB}/p2sd.conf", "[Service]\nMode=mark\n[Ports]\nVoice=1\n")
        self.start()
        self.assertEqual(self.properties()["Mode"], "mark")
        for path, text, mode in (
                # of the main files the first that there is, alone
                (f"{LOCAL}/p2sd.conf", "[Service]\nMode=off\n", "off"),
                (f"{RUN}/p2sd.conf", "[Service]\nMode=monitor\n", "monitor"),
                (f"{ETC}/p2sd.conf", "[Service]\nMode=mark\n", "mark"),
                # drop-ins outrank it, in the order of their names wherever they are
                (f"{LIB}/p2sd.conf.d/20-a.conf", "[Service]\nMode=off\n", "off"),
                (f"{ETC}/p2sd.conf.d/10-b.conf", "[Service]\nMode=monitor\n", "off"),
                # of the same name that of /run, then that of /etc
                (f"{RUN}/p2sd.conf.d/20-a.conf", "[Service]\nMode=monitor\n", "monitor"),
                (f"{ETC}/p2sd.conf.d/20-a.conf", "[Service]\nMode=mark\n", "mark")):
            self.put(path, text)
            self.call("Reload")
            self.assertEqual(self.properties()["Mode"], mode, path)
        # masked, by a link to /dev/null and by an empty file
        os.unlink(f"{ETC}/p2sd.conf.d/20-a.conf")
        os.symlink("/dev/null", f"{ETC}/p2sd.conf.d/20-a.conf")
        self.call("Reload")
        self.assertEqual(self.properties()["Mode"], "monitor")  # of 10-b
        self.put(f"{RUN}/p2sd.conf.d/10-b.conf", "[Service]\nMode=off\n")
        os.unlink(f"{ETC}/p2sd.conf.d/10-b.conf")
        self.put(f"{ETC}/p2sd.conf.d/10-b.conf", "")
        self.call("Reload")
        self.assertEqual(self.properties()["Mode"], "mark")  # of /etc/p2s/p2sd.conf
        self.assertEqual(self.properties()["Ports"], [])

    def test_a_bad_line_is_named_and_the_rest_holds(self):
        self.put(f"{ETC}/p2sd.conf", "[Service]\nMode=turbo\n\nnonsense\n[Link p2sA]\nUplink=10MB\n"
                                     "Downlink=5M\nTurbo=yes\n[Nowhere]\nMode=shape\n"
                                     "[Ports]\nVoice=5060 99999\nVideo=7\n[Dscp]\nVoice=loud\n")
        self.put(f"{ETC}/p2sd.conf.d/x.conf", "[Service]\nMode=mark\nMode\n")
        self.start()
        bad = {m[1]: m[2] for m in (re.match(r"p2sd: warning: /etc/p2s/(\S+:\d+): (.*), ignoring$",
                                             x) for x in self.lines()) if m}
        self.assertEqual(sorted(bad), sorted(
            ["p2sd.conf:2", "p2sd.conf:4", "p2sd.conf:6", "p2sd.conf:8", "p2sd.conf:9",
             "p2sd.conf:12", "p2sd.conf:15", "p2sd.conf.d/x.conf:3"]), self.lines())
        p = self.properties()
        self.assertEqual(p["Mode"], "mark")
        self.assertEqual(p["Ports"], [[7, 7, "video", ""]])
        link, = p["Links"]
        self.assertEqual((link["Name"]["data"], link["UplinkBps"]["data"],
                          link["DownlinkBps"]["data"]), ("p2sA", 0, 5000000))
        self.assertIn([46, "voice"], p["Dscps"])

    def test_a_file_on_the_command_line(self):
        path = f"{self.bus.dir}/mine.conf"
        self.put(f"{ETC}/p2sd.conf", "[Ports]\nVoice=1\n")
        self.put(f"{ETC}/p2sd.conf.d/x.conf", "[Ports]\nVideo=2\n")
        self.put(path, "[Ports]\nGeneral=3\n")
        self.start("--config", path)
        ports = [[2, 2, "video", ""], [3, 3, "general", ""]]
        self.assertEqual(self.properties()["Ports"], ports)
        # gone: the reload fails, says so, and changes nothing
        os.unlink(path)
        done = self.bus.call("Reload")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(path, done.stderr)
        self.assertEqual(self.properties()["Ports"], ports)

    # -- reload --

    def test_a_reload_changes_in_place(self):
        conf = "[Service]\nMode=shape\n[Link p2sA]\nWhen=always\nUplink={}M\nDownlink=50M\n{}"
        self.put(f"{ETC}/p2sd.conf", conf.format(10, ""))
        self.start(fake=False)

        def standing():
            """The IFB, the tree's handles, and the rate of its root, in bit/s."""
            links = [(i["ifindex"], i["ifname"]) for i in json.loads(sh("ip -j link"))]
            handles = [(q["kind"], q["handle"]) for q in json.loads(sh("tc -j qdisc show dev p2sA"))]
            root, = re.findall(r"class htb 1:1 root rate (\S+)", sh("tc class show dev p2sA"))
            return links, handles, root

        def settled(rate):
            wait_for(lambda: standing()[2] == rate)  # it is halved for 0.6 s
            return standing()

        before = settled("10Mbit")
        self.assertIn("htb", [k for k, _ in before[1]])
        # another key: nothing is touched
        self.put(f"{ETC}/p2sd.conf", conf.format(10, "[Ports]\nVoice=5060\n"))
        self.hang_up()
        self.assertEqual(standing(), before)
        self.assertEqual(self.properties()["Ports"], [[5060, 5060, "voice", ""]])
        # a rate: changed in the tree that stands
        self.put(f"{ETC}/p2sd.conf", conf.format(20, "[Ports]\nVoice=5060\n"))
        self.call("Reload")
        self.assertEqual(standing(), (*before[:2], "20Mbit"))
        # what changed is told, a line each
        told = [x.split("configuration: ")[1] for x in self.lines() if "configuration: " in x]
        self.assertEqual(told, ["[Ports] Voice=: none, now 5060",
                                "[Link p2sA] Uplink=: 10 Mbit/s, now 20 Mbit/s"])
        self.hang_up()
        self.assertTrue(self.lines()[-1].endswith("configuration: read again, nothing has changed"))

    def test_choices_outrank_it_still(self):
        self.start()
        self.call("SetMode", "s", "monitor")
        self.put(f"{ETC}/p2sd.conf", "[Service]\nMode=mark\n[Dscp]\nVoice=40\n")
        self.hang_up()
        self.assertEqual(self.properties()["Mode"], "monitor")
        self.assertIn([40, "voice"], self.properties()["Dscps"])
        self.assertIn("[Service] Mode=: off, now mark; what was chosen over the bus outranks it",
                      "\n".join(self.lines()))

    def test_a_link_that_refuses_stops_no_other_change(self):
        self.start()
        self.put(f"{ETC}/p2sd.conf", "[Service]\nMode=shape\n[Link p2sB]\nUplink=1M\n"
                                     "[Link p2sA]\nUplink=1M\n[Ports]\nVoice=9\n")
        self.call("Reload")
        p = self.properties()
        states = {x["Name"]["data"]: x["State"]["data"] for x in p["Links"]}
        self.assertEqual(states, {"p2sB": "busy", "p2sA": "active"})
        self.assertEqual((p["Mode"], p["EffectiveMode"], p["Ports"]),
                         ("shape", "shape", [[9, 9, "voice", ""]]))

    # -- what the user chose --

    def test_a_damaged_file_of_choices_is_kept_aside(self):
        settings = f"{self.bus.dir}/state/settings"
        self.put(f"{ETC}/p2sd.conf", "[Service]\nMode=monitor\n")
        self.start()
        self.call("AddPorts", "qqss", 5004, 5005, "voice", "mine")
        self.call("SetMode", "s", "mark")
        self.assertEqual(self.bus.stop_daemon(), 0)
        with open(settings, "rb") as f:
            whole = f.read()
        self.assertEqual(os.stat(settings).st_mode & 0o077, 0)
        self.assertRegex(whole.decode(), r"(?i)version")
        self.assertEqual(os.listdir(f"{self.bus.dir}/state"), ["settings"])

        newer = re.sub(rb"(?i)(version\D*)(\d+)", lambda m: m[1] + b"99", whole, count=1)
        for damaged in (b"", whole[:len(whole) // 2], whole[:-1], b"\0" * 4096, b"garbage\n",
                        os.urandom(300), newer):
            with open(settings, "wb") as f:
                f.write(damaged)
            self.start()
            p = self.properties()
            # the admin's defaults
            self.assertEqual((p["Mode"], p["Ports"]), ("monitor", []), damaged)
            with open(settings + ".bad", "rb") as f:
                self.assertEqual(f.read(), damaged)
            self.assertIn("settings.bad", "\n".join(self.lines()))
            self.assertIn(settings, "\n".join(self.lines()))
            # and what is chosen now is saved again
            self.call("SetMode", "s", "off")
            self.assertEqual(self.bus.stop_daemon(), 0)
            self.assertEqual(sorted(os.listdir(f"{self.bus.dir}/state")),
                             ["settings", "settings.bad"])
            os.unlink(settings + ".bad")
            self.stderr.truncate(0)
        with open(settings, "wb") as f:
            f.write(whole)
        self.start()
        p = self.properties()
        self.assertEqual((p["Mode"], p["Ports"]), ("mark", [[5004, 5005, "voice", "mine"]]))

    def test_a_choice_that_cannot_be_saved_is_said_and_holds(self):
        self.start()
        subprocess.check_call(["mount", "-t", "tmpfs", "-o", "ro", "p2s-test",
                               f"{self.bus.dir}/state"])
        try:
            self.call("SetMode", "s", "monitor")
            self.assertEqual(self.properties()["Mode"], "monitor")
            wait_for(lambda: "the choice will not outlive a restart" in "\n".join(self.lines()))
        finally:
            subprocess.check_call(["umount", f"{self.bus.dir}/state"])


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
