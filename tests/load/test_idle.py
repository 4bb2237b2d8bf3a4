# SPDX-License-Identifier: GPL-2.0-or-later
"""What p2sd costs while nothing happens, and with one call and one panel.

A wake-up is a voluntary context switch; CPU is what the scheduler counted.  Each state is
watched for P2S_SECONDS (4); the figures are printed.
"""
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
DBUS = os.path.join(HERE, "..", "dbus")
sys.path.insert(0, DBUS)
import private_bus
from private_bus import wait_for

SECONDS = int(os.environ.get("P2S_SECONDS", "4"))
SETTLE = 2  # seconds until what a change of mode began is over
RSS_MAX_KIB = 8 * 1024


class Call(threading.Thread):
    """50 packets a second out by p2sA."""

    def __init__(self):
        super().__init__(daemon=True)
        self.stop = threading.Event()

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("192.0.2.1", 5004))
            sequence = 0
            while not self.stop.wait(0.02):
                packet = struct.pack(">BBHII", 0x80, 0, sequence & 0xffff, sequence * 160, 1)
                s.sendto(packet + bytes(160), ("192.0.2.2", 5004))
                sequence += 1


class IdleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.with_a_link(cls)
        # meson sets it, and it touches memory that p2sd itself does not
        cls.bus.environ.pop("MALLOC_PERTURB_", None)
        cls.bus.start_daemon("--log-level", "warning")
        cls.pid = cls.bus.daemon.pid

    def ok(self, *args):
        done = self.bus.call(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def read(self):
        """Wake-ups, seconds of CPU, KiB."""
        status = self.bus.status()
        with open(f"/proc/{self.pid}/schedstat", encoding="utf-8") as f:
            cpu = int(f.read().split()[0]) / 1e9
        self.assertEqual(int(status["Threads"]), 1)
        return (int(status["voluntary_ctxt_switches"]), cpu, int(status["VmRSS"].split()[0]))

    def watch(self, state):
        time.sleep(SETTLE)
        wakes, cpu, _ = self.read()
        time.sleep(SECONDS)
        after = self.read()
        figures = {"state": state, "wakeups": after[0] - wakes, "seconds": SECONDS,
                   "cpu_percent": round(100 * (after[1] - cpu) / SECONDS, 4), "rss_kib": after[2]}
        print(json.dumps(figures), flush=True)
        self.assertLess(figures["rss_kib"], RSS_MAX_KIB)
        return figures

    def test_1_off(self):
        for _ in range(2):
            figures = self.watch("off")
            self.assertEqual((figures["wakeups"], figures["cpu_percent"]), (0, 0))
            # … and again after it was something else
            self.ok("SetLink", "stta{sv}", "p2sA", 10000000, 50000000, 0)
            self.ok("SetMode", "s", "shape")
            self.ok("SetMode", "s", "off")

    def test_2_shape_and_nobody_calls(self):
        self.ok("SetMode", "s", "shape")
        figures = self.watch("shape")
        # one a second; one more where the time begins just before it
        self.assertLessEqual(figures["wakeups"], SECONDS + 1)

    def test_3_one_call_and_one_panel(self):
        call = Call()
        call.start()
        panel = subprocess.Popen([sys.executable, os.path.join(DBUS, "caller.py")],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                 env=self.bus.environ)
        try:
            panel.stdin.write('{"id": 1, "member": "Subscribe", "args": "(uint64 100000,)"}\n')
            panel.stdin.flush()
            wait_for(lambda: '"Link"' in self.ok("GetCalls"))
            figures = self.watch("shape, a call, a panel at 10 Hz")
            # ten samples and one of the history's a second, and as much again for others
            self.assertLessEqual(figures["wakeups"], 22 * SECONDS)
            self.assertLessEqual(figures["cpu_percent"], 5)
        finally:
            call.stop.set()
            panel.communicate()
        # the subscription has died with its connection: one a second again, once the
        # call is over, after 10 s of silence
        wait_for(lambda: '"Link"' not in self.ok("GetCalls"), 30, 1)
        figures = self.watch("shape, after them")
        self.assertLessEqual(figures["wakeups"], SECONDS + 1)


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
