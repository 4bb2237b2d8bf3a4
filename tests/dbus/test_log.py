# SPDX-License-Identifier: GPL-2.0-or-later
"""What p2sd tells the journal, and org.freedesktop.LogControl1.

The journal is a socket of the test's own in /run of its own, spoken to with the
journal's real protocol; the kernel is made up, with calls on it.
"""
import json
import os
import re
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

import private_bus
from private_bus import NOBODY, SOURCE, wait_for

NAME, PATH = "org.p2s.Manager", "/org/freedesktop/LogControl1"
INTERFACE = "org.freedesktop.LogControl1"
CATALOG = os.path.join(SOURCE, "data", "p2s.catalog")


def message_ids():
    with open(os.path.join(SOURCE, "daemon", "message-id.h"), encoding="utf-8") as f:
        return dict(re.findall(r"#define MESSAGE_(\w+)\s+\"([0-9a-f]{32})\"", f.read()))


ID = message_ids()


def parse(datagram):
    """The fields of one message: KEY=value, or KEY, a 64-bit length and the bytes."""
    fields, at = {}, 0
    while at < len(datagram):
        end = datagram.index(b"\n", at)
        line = datagram[at:end]
        at = end + 1
        if b"=" in line:
            key, _, value = line.partition(b"=")
        else:
            (size,) = struct.unpack_from("<Q", datagram, at)
            key, value = line, datagram[at + 8:at + 8 + size]
            at += 8 + size + 1
        fields[key.decode()] = value.decode()
    return fields


class Journal:
    """Receives what is sent to /run/systemd/journal/socket."""

    def __init__(self):
        subprocess.check_call(["mount", "-t", "tmpfs", "-o", "mode=755", "p2s-test", "/run"])
        os.makedirs("/run/systemd/journal")
        self.path = "/run/systemd/journal/socket"
        self.messages = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        threading.Thread(target=self.receive, daemon=True).start()

    def receive(self):
        while True:
            self.messages.append(parse(self.socket.recv(1 << 20)))

    def find(self, message_id, **fields):
        """The first message of that kind with these fields."""
        for m in list(self.messages):
            if m.get("MESSAGE_ID") == message_id and fields.items() <= m.items():
                return m
        return None


class LogTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.journal = Journal()
        cls.bus = private_bus.PrivateBus(polkit=False)

    @classmethod
    def tearDownClass(cls):
        cls.bus.close()
        subprocess.check_call(["umount", "-l", "/run"])

    def setUp(self):
        self.journal.messages.clear()
        self.stderr = tempfile.TemporaryFile()
        self.addCleanup(self.stderr.close)
        self.addCleanup(self.stop)

    def stop(self):
        if self.bus.daemon:
            self.assertEqual(self.bus.stop_daemon(), 0)
        private_bus.clear(self.bus)

    def start(self, stream=True, fake="eth0 down:eth1 no-fq_codel"):
        """stream: standard error is the journal's; a file: another's is."""
        env = {"P2S_FAKE": fake}
        if stream:
            st = os.fstat((self.stderr if stream is True else stream).fileno())
            env["JOURNAL_STREAM"] = f"{st.st_dev}:{st.st_ino}"
        self.bus.start_daemon("--fake", stderr=self.stderr, env=env)

    def lines(self):
        self.stderr.seek(0)
        return self.stderr.read().decode().splitlines()

    def call(self, *args):
        done = self.bus.call(*args)
        self.assertEqual(done.returncode, 0, done.stderr)

    def wait(self, kind, **fields):
        return wait_for(lambda: self.journal.find(ID[kind], **fields))

    def get(self, name, uid=0):
        done = self.bus.run(["busctl", "--json=short", "get-property", NAME, PATH, INTERFACE,
                             name], uid)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["data"]

    def set(self, name, value, uid=0):
        return self.bus.run(["busctl", "set-property", NAME, PATH, INTERFACE, name, "s", value],
                            uid)

    # -- the journal --

    def test_events_with_their_fields(self):
        self.start()
        self.assertEqual(self.wait("KERNEL_DEGRADED")["P2S_MISSING"], "fq_codel")
        self.assertEqual(self.wait("KERNEL_DEGRADED")["P2S_MODULE"], "sch_fq_codel")
        self.call("SetMode", "s", "monitor")
        mode = self.wait("MODE_CHANGED", P2S_MODE="monitor", P2S_MODE_BEFORE="off",
                         P2S_CAUSE="chosen")
        self.assertEqual((mode["PRIORITY"], mode["SYSLOG_IDENTIFIER"]), ("5", "p2sd"))
        self.assertEqual(mode["MESSAGE"], "mode: monitor, was off (chosen)")
        self.call("SetLink", "stta{sv}", "eth1", 0, 0, 0)
        self.wait("LINK_STATE", P2S_LINK="eth1", P2S_STATE="down", P2S_STATE_BEFORE="absent")
        begun = self.wait("CALL_BEGUN", P2S_LINK="eth0")
        self.call("SetMode", "s", "off")
        ended = self.wait("CALL_ENDED", P2S_CALL_ID=begun["P2S_CALL_ID"])
        self.assertEqual(ended["P2S_LINK"], "eth0")
        for field in ("DURATION_USEC", "JITTER_USEC", "LOST", "EXPECTED"):
            self.assertRegex(ended["P2S_CALL_" + field], r"^-?\d+$")
        self.assertRegex(ended["MESSAGE"], r"^eth0: call \d+: ended after .*, jitter .* lost$")
        # who calls whom is not for whoever reads the log
        for m in self.journal.messages:
            self.assertFalse([k for k in m if "ADDRESS" in k or "PROCESS" in k], m)
            self.assertNotRegex(m["MESSAGE"], r"\d+\.\d+\.\d+\.\d+|2001:db8")
        # nothing beside it: the journal would have it twice
        self.assertEqual(self.lines(), [])

    def test_addresses_at_level_debug(self):
        self.start()
        self.assertEqual(self.set("LogLevel", "debug").returncode, 0)
        self.call("SetMode", "s", "monitor")
        begun = self.wait("CALL_BEGUN")
        for field in ("LOCAL_ADDRESS", "LOCAL_PORT", "REMOTE_ADDRESS", "REMOTE_PORT"):
            self.assertTrue(begun["P2S_CALL_" + field])

    def test_links_in_trouble(self):
        self.start(fake="eth0 busy:eth2 failing:eth3")
        for name, state in (("eth2", "busy"), ("eth3", "failed")):
            with open(f"{self.bus.dir}/p2sd.conf", "w", encoding="utf-8") as f:
                f.write(f"[Service]\nMode=shape\n[Link {name}]\nUplink=1M\n")
            self.bus.stop_daemon()
            st = os.fstat(self.stderr.fileno())
            self.bus.start_daemon("--fake", "--config", f"{self.bus.dir}/p2sd.conf",
                                  stderr=self.stderr,
                                  env={"P2S_FAKE": "eth0 busy:eth2 failing:eth3",
                                       "JOURNAL_STREAM": f"{st.st_dev}:{st.st_ino}"})
            m = self.wait("LINK_TROUBLE", P2S_LINK=name, P2S_STATE=state)
            self.assertEqual(m["PRIORITY"], "4")
            self.assertIn(m["P2S_REASON"], m["MESSAGE"])

    def test_a_hold_has_its_holder_s_name(self):
        self.start()
        self.call("HoldMode", "sss", "mark", "zoom: mode off", "a call")
        held = self.wait("MODE_CHANGED", P2S_CAUSE="held", P2S_MODE="mark")
        self.assertEqual(held["P2S_APPLICATION"], "zoom: mode off")
        self.assertIn("“zoom: mode off”", held["MESSAGE"])
        # busctl has left meanwhile
        self.wait("MODE_CHANGED", P2S_CAUSE="released", P2S_MODE="off", P2S_MODE_BEFORE="mark")

    def test_configuration(self):
        conf = f"{self.bus.dir}/p2sd.conf"
        with open(conf, "w", encoding="utf-8") as f:
            f.write("[Service]\nMode=turbo\n")
        st = os.fstat(self.stderr.fileno())
        self.bus.start_daemon("--fake", "--config", conf, stderr=self.stderr,
                              env={"P2S_FAKE": "eth0",
                                   "JOURNAL_STREAM": f"{st.st_dev}:{st.st_ino}"})
        bad = self.wait("CONFIG_INVALID", CONFIG_FILE=conf, CONFIG_LINE="2")
        self.assertTrue(bad["MESSAGE"].startswith(f"{conf}:2: "), bad)
        with open(conf, "w", encoding="utf-8") as f:
            f.write("[Service]\nMode=monitor\n[Ports]\nVoice=7\n")
        self.call("SetPorts", "a(qqss)", 0)
        self.call("AddPorts", "qqss", 8, 8, "video", "")
        self.call("Reload")
        self.wait("CONFIG_CHANGED", P2S_CHANGE="[Service] Mode=: off, now monitor",
                  P2S_OUTRANKED="no")
        self.wait("CONFIG_CHANGED", P2S_CHANGE="[Ports] Voice=: none, now 7", P2S_OUTRANKED="yes")
        self.wait("MODE_CHANGED", P2S_CAUSE="configuration", P2S_MODE="monitor")

    # -- elsewhere --

    def test_the_same_lines_on_standard_error(self):
        with tempfile.TemporaryFile() as other:
            for stream in (None, other):  # of which a child of a unit inherits the second
                self.start(stream=stream)
                self.call("SetMode", "s", "monitor")
                wait_for(lambda: "p2sd: mode: monitor, was off (chosen)" in self.lines())
                self.assertIn("p2sd: warning: kernel: no fq_codel", "\n".join(self.lines()))
                self.call("SetMode", "s", "off")
                self.assertEqual(self.bus.stop_daemon(), 0)
                self.stderr.truncate(0)
        self.assertEqual(self.journal.messages, [])

    def test_without_a_journal_nothing_is_lost(self):
        os.rename(self.journal.path, self.journal.path + ".away")
        try:
            self.start()
            self.call("SetMode", "s", "monitor")
            wait_for(lambda: "<5>mode: monitor, was off (chosen)" in self.lines())
        finally:
            os.rename(self.journal.path + ".away", self.journal.path)

    # -- LogControl1 --

    def test_log_control(self):
        self.start()
        self.assertEqual((self.get("LogLevel"), self.get("LogTarget"),
                          self.get("SyslogIdentifier", NOBODY)), ("info", "journal", "p2sd"))
        for name, value in (("LogLevel", "debug"), ("LogTarget", "null")):
            refused = self.set(name, value, NOBODY)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("denied", refused.stderr.lower())
            self.assertNotEqual(self.get(name), value)
        for name in ("LogLevel", "LogTarget"):
            self.assertIn(f"{name} is one of", self.set(name, "loud").stderr)
        self.assertNotEqual(self.set("SyslogIdentifier", "x").returncode, 0)

        for level in ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"):
            self.assertEqual(self.set("LogLevel", level).returncode, 0)
            self.assertEqual(self.get("LogLevel"), level)
        self.assertEqual(self.set("LogLevel", "err").returncode, 0)
        before = len(self.journal.messages)
        self.call("SetMode", "s", "monitor")
        self.assertEqual(len(self.journal.messages), before)

        self.assertEqual(self.set("LogLevel", "notice").returncode, 0)
        self.assertEqual(self.set("LogTarget", "console").returncode, 0)
        self.call("SetMode", "s", "mark")
        wait_for(lambda: "<5>mode: mark, was monitor (chosen)" in self.lines())
        self.assertEqual(self.set("LogTarget", "null").returncode, 0)
        self.call("SetMode", "s", "monitor")
        self.assertEqual(self.set("LogTarget", "auto").returncode, 0)
        self.assertEqual(self.get("LogTarget"), "journal")
        self.call("SetMode", "s", "off")
        self.wait("MODE_CHANGED", P2S_MODE="off")
        self.assertIsNone(self.journal.find(ID["MODE_CHANGED"], P2S_MODE="monitor"))
        self.assertNotIn("mode: monitor", "\n".join(self.lines()))

    def test_introspection(self):
        self.start()
        done = self.bus.run(["busctl", "introspect", NAME, PATH, INTERFACE])
        self.assertEqual(sorted(re.findall(r"^\.(\w+) +property +s .* ([\w-]+) *$", done.stdout,
                                           re.M)),
                         [("LogLevel", "writable"), ("LogTarget", "writable"),
                          ("SyslogIdentifier", "const")])


class CatalogTest(unittest.TestCase):
    def test_every_message_is_explained(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(root + "/usr/lib/systemd/catalog")
            os.makedirs(root + "/var/lib/systemd/catalog")
            subprocess.check_call(["cp", CATALOG, root + "/usr/lib/systemd/catalog/"])
            done = subprocess.run(["journalctl", "--update-catalog", "--root", root],
                                  capture_output=True, text=True, check=True)
            self.assertEqual(done.stderr, "")
            listed = subprocess.run(["journalctl", "--list-catalog", "--root", root],
                                    capture_output=True, text=True, check=True).stdout
        mine = {v for k, v in ID.items() if k != "CONFIG_INVALID"}
        self.assertEqual({line.split()[0] for line in listed.splitlines()}, mine)
        self.assertEqual(listed.count("P2S: "), len(mine), listed)

    def test_it_names_the_fields_that_are_sent(self):
        with open(CATALOG, encoding="utf-8") as f:
            text = "".join(line for line in f if not line.startswith("#"))
        self.assertNotIn("@", text)  # none would be replaced
        named = set(re.findall(r"\bP2S_[A-Z_]+", text))
        sent = set()
        for source in ("call-events.c", "managed-link.c", "manager.c", "manager-mode.c"):
            with open(os.path.join(SOURCE, "daemon", source), encoding="utf-8") as f:
                sent |= set(re.findall(r'"(P2S_\w+)", "%', f.read()))
        self.assertGreater(len(named), 8)
        # those of level "debug" are not explained
        private = {f for f in sent if re.search("ADDRESS|PORT|PROCESS", f)}
        self.assertEqual(named, sent - private)


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
