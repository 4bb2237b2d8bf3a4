# SPDX-License-Identifier: GPL-2.0-or-later
"""What p2sd costs while nothing happens, and with one call and one panel.

A wake-up is a voluntary context switch; CPU is what the scheduler counted.  Each state is
watched for P2S_SECONDS (4); the figures are printed.  That p2sd rests after 10 minutes in
which nothing happened is shown in a VM, whose virtual time skips them.
"""
import json
import os
import socket
import subprocess
import sys
import time
import unittest

HISTORY_SECONDS = 600  # after so long a quiet p2sd rests
MEDIA = 0x80
APPS = "/run/p2s/apps.conf.d"
# seconds; virtual time also skips what a file takes to be read for the first time
PATIENCE = 3600 if "P2S_VM" in os.environ else 30

HERE = os.path.dirname(os.path.realpath(__file__))
DBUS = os.path.join(HERE, "..", "dbus")
sys.path.insert(0, DBUS)
import private_bus
from private_bus import wait_for
from talker import PCMU, Talker

SECONDS = int(os.environ.get("P2S_SECONDS", "4"))
SETTLE = 2  # seconds until what a change of mode began is over
RSS_MAX_KIB = 8 * 1024


class IdleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.with_a_link(cls)
        subprocess.check_call("mount -t tmpfs tmpfs /run", shell=True)
        os.makedirs(APPS)
        with open(os.path.join(APPS, "test.conf"), "w", encoding="utf-8") as f:
            f.write("[App Python]\nExe=" + os.path.basename(os.readlink("/proc/self/exe")) + "\n")
        # meson sets it, and it touches memory that p2sd itself does not
        cls.bus.environ.pop("MALLOC_PERTURB_", None)
        cls.bus.start_daemon("--log-level", "warning")
        cls.pid = cls.bus.daemon.pid

    def ok(self, *args):
        done = self.bus.call(*args, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def read(self):
        """Wake-ups, seconds of CPU, KiB."""
        status = self.bus.status()
        with open(f"/proc/{self.pid}/schedstat", encoding="utf-8") as f:
            cpu = int(f.read().split()[0]) / 1e9
        self.assertEqual(int(status["Threads"]), 1)
        return (int(status["voluntary_ctxt_switches"]), cpu, int(status["VmRSS"].split()[0]))

    def start_panel(self, interval_usec):
        """A client that is subscribed until its input ends."""
        panel = subprocess.Popen([sys.executable, os.path.join(DBUS, "caller.py")],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                 env=self.bus.environ)
        panel.stdin.write(json.dumps({"id": 1, "member": "Subscribe",
                                      "args": f"(uint64 {interval_usec},)"}) + "\n")
        panel.stdin.flush()
        while json.loads(panel.stdout.readline())["id"] != 1:
            pass
        return panel

    def watch(self, state, seconds=SECONDS):
        time.sleep(SETTLE)
        wakes, cpu, _ = self.read()
        time.sleep(seconds)
        after = self.read()
        figures = {"state": state, "wakeups": after[0] - wakes, "seconds": seconds,
                   "cpu_percent": round(100 * (after[1] - cpu) / seconds, 4), "rss_kib": after[2]}
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
        call = Talker(to=("192.0.2.2", 5004), local=("192.0.2.1", 5004), kind=PCMU)
        call.start()
        panel = self.start_panel(100000)
        try:
            wait_for(lambda: '"Link"' in self.ok("GetCalls"), PATIENCE)
            figures = self.watch("shape, a call, a panel at 10 Hz")
            # ten samples and one of the history's a second, and as much again for others
            self.assertLessEqual(figures["wakeups"], 22 * SECONDS)
            self.assertLessEqual(figures["cpu_percent"], 5)
        finally:
            call.stop()
            panel.communicate()
        # the subscription has died with its connection: one a second again, once the
        # call is over, after 10 s of silence
        wait_for(lambda: '"Link"' not in self.ok("GetCalls"), PATIENCE, 1)
        figures = self.watch("shape, after them")
        self.assertLessEqual(figures["wakeups"], SECONDS + 1)

    # -- nothing for 10 minutes --

    def history(self):
        """Of each row when it begins and ends, in seconds."""
        rows = json.loads(self.ok("GetHistory", "st", "", 0))["data"][0]
        return [((end - interval) / 1e6, end / 1e6) for _, end, interval, *_ in rows]

    def rests(self, mode):
        figures = self.watch(f"{mode}, after 10 minutes of quiet", 120)
        self.assertEqual((figures["wakeups"], figures["cpu_percent"]), (0, 0))

    def open_socket(self):
        """Seconds until one of a program that makes calls is seen."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            begin = time.monotonic()
            s.bind(("0.0.0.0", 0))
            wait_for(lambda: self.bus.port(s.getsockname()[1]) == MEDIA, PATIENCE)
            seconds = time.monotonic() - begin
        time.sleep(2)
        print(f"a socket was seen within {seconds:.2f} s", flush=True)
        return seconds

    def test_4_rest(self):
        if "P2S_VM" not in os.environ:
            self.skipTest("takes half an hour where time is real")
        for mode in ("shape", "monitor"):
            self.ok("SetMode", "s", mode)
            time.sleep(HISTORY_SECONDS + 2)
            self.rests(mode)
            seen = min(self.open_socket() for _ in range(3))
            self.rests(mode)
        # the best, for virtual time jumps ahead while code is read from disk for it
        self.assertLess(seen, 1 + 0.5)
        # somebody looks back: a row for all that time
        rows = self.history()
        self.assertEqual(len(rows), 1)
        self.assertGreater(rows[0][1] - rows[0][0], 240)
        self.rests("monitor")
        # a call
        call = Talker(to=("192.0.2.2", 5004), local=("192.0.2.1", 5004), kind=PCMU)
        begin = time.monotonic()
        call.start()
        wait_for(lambda: '"Link"' in self.ok("GetCalls"), PATIENCE)
        print(f"a call was seen within {time.monotonic() - begin:.2f} s", flush=True)
        time.sleep(4)
        rows = self.history()
        self.assertGreaterEqual(len(rows), 5)
        for before, after in zip(rows, rows[1:]):
            self.assertAlmostEqual(before[1], after[0], places=5)
        self.assertAlmostEqual(rows[-1][1] - rows[-1][0], 1, delta=0.2)
        call.stop()
        # and a panel
        time.sleep(HISTORY_SECONDS + 15)
        self.rests("monitor")
        self.start_panel(1000000).communicate()
        figures = self.watch("monitor, after a panel")
        self.assertIn(figures["wakeups"], range(SECONDS - 1, SECONDS + 2))


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
