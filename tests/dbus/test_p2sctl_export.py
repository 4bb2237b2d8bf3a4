#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""p2sctl log and p2sctl metrics against a scripted service: what
another program makes of what they print."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from scripted_service import (ETH0, FIGURES, GLib, P2SCTL, Case, asv, main, sample, stats, v,
                              wait_for)

HISTORY = "(a(sttsua(tttttt)a(tttttt)))"


class Log(Case):
    def setUp(self):
        super().setUp()
        self.service.replies["Subscribe"] = v("(t)", (1000000,))

    def start(self, *arguments, **popen):
        popen.setdefault("stdout", subprocess.PIPE)
        process = subprocess.Popen([P2SCTL, "log", *arguments], env=self.environment(),
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **popen)
        self.addCleanup(self.stop, process)
        wait_for(lambda: self.service.calls)
        self.settle()
        return process

    def settle(self):
        """The answer to what was called has been sent: what is sent now comes after it."""
        done = threading.Event()
        GLib.idle_add(done.set)
        self.assertTrue(done.wait(10))

    def stop(self, process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def send(self, *args, **more):
        self.service.emit("Sample", v("(sttsua(tttttt)a(tttttt))", sample(*args, **more)))

    def finish(self, process, rest=b""):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        self.assertEqual((out, err, process.returncode), (rest, b"", 0))

    def rows(self, process, n):
        text = b"".join(process.stdout.readline() for _ in range(n + 1))
        self.assertEqual(text.count(b"\r\n"), n + 1)
        return list(csv.DictReader(io.StringIO(text.decode(), newline=""), strict=True))

    def test_csv(self):
        log = self.start("--interval", "200ms")
        self.assertEqual(self.changes(), [("Subscribe", (200000,), False)])
        self.send(calls=3)
        row, = self.rows(log, 1)
        self.assertEqual(len(row), 5 + 2 * 3 * 6)
        self.assertEqual((row["link"], row["mode"], row["calls"], row["interval_usec"]),
                         ("eth0", "shape", "3", "1000000"))
        names = ("bitrate_bps", "packets", "drops", "lost", "jitter_usec", "backlog_bytes")
        for direction in ("outgoing", "incoming"):
            for k, figures in zip(("voice", "video", "general"), FIGURES):
                for name, figure in zip(names, figures):
                    self.assertEqual(row[f"{direction}_{k}_{name}"], str(figure))
        # its end, in UTC
        at = time.strptime(row["time"].split(".")[0], "%Y-%m-%dT%H:%M:%S")
        self.assertLess(abs(time.time() - (time.mktime(at) - time.timezone)), 60)
        self.assertRegex(row["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.finish(log)

    def test_a_time_in_the_past(self):
        log = self.start()
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.send(at=now - 5 * 10**6)
        self.send(at=now)
        early, late = self.rows(log, 2)
        seconds = [float(r["time"].rstrip("Z").rsplit(":", 1)[1]) for r in (early, late)]
        self.assertAlmostEqual((seconds[1] - seconds[0]) % 60, 5, delta=0.1)
        self.finish(log)

    def test_text_that_needs_quotes(self):
        log = self.start("--csv")
        self.send(link='a,"b"')
        row, = self.rows(log, 1)
        self.assertEqual(row["link"], 'a,"b"')
        self.finish(log)

    def test_one_link(self):
        log = self.start("--link", "wg0")
        for link in ("eth0", "wg0", "wg01", "wg0"):
            self.send(link)
        self.assertEqual([r["link"] for r in self.rows(log, 2)], ["wg0", "wg0"])
        self.finish(log)

    def test_json(self):
        log = self.start("--json", "--link=wg0")
        self.send("eth0")
        self.send("wg0")
        row = json.loads(log.stdout.readline())
        self.assertEqual((row["Link"], row["Incoming"][2]["Class"]), ("wg0", "general"))
        self.assertRegex(row["Time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.finish(log)

    def test_service_goes_and_returns(self):
        log = self.start()
        log.stdout.readline()
        self.changes()
        self.service.vanish()
        self.assertIn(b"gone away", log.stderr.readline())
        self.service.appear()
        self.assertIn(b"back", log.stderr.readline())
        wait_for(lambda: self.service.calls)
        self.settle()
        self.send("eth0")
        # no second header
        self.assertIn(b",eth0,", log.stdout.readline())
        self.finish(log)

    def test_wrong_usage(self):
        self.assertIn("say one of them", self.ctl("log", "--csv", "--json", status=2))
        self.assertIn("--interval 0", self.ctl("log", "--interval", "0", status=2))
        self.assertIn("--csv does not go with 'watch'", self.ctl("watch", "--csv", status=2))
        self.assertEqual(self.changes(), [])

    def test_a_full_disk_ends_it(self):
        with open("/dev/full", "wb") as full:
            log = self.start(stdout=full)
            self.assertIn(b"No space left", log.communicate(timeout=20)[1])
        self.assertEqual(log.returncode, 1)

    def test_no_service(self):
        self.service.vanish()
        self.ctl("log", status=3)


class Metrics(Case):
    def setUp(self):
        super().setUp()
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.service.replies["GetStats"] = v("(a{sv})", (stats(),))
        rows = [sample("eth0", now - 2 * 10**6), sample("eth0", now - 10**6, calls=4),
                sample("wg0", now - 10**6, calls=0), sample("old0", now - 30 * 10**6, calls=9)]
        self.service.replies["GetHistory"] = v(HISTORY, (rows,))

    def values(self):
        return {(m["Name"], tuple(sorted(m["Labels"].items()))): m["Value"]
                for m in json.loads(self.ctl("metrics", "--json"))}

    def test_promtool_has_nothing_against_them(self):
        text = self.ctl("metrics")
        if not shutil.which("promtool"):
            self.skipTest("needs promtool")
        done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                              capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), text)

    def test_openmetrics(self):
        text = self.ctl("metrics", "--openmetrics")
        self.assertTrue(text.endswith("\n# EOF\n"))
        try:
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
        except ImportError:
            self.skipTest("needs python3-prometheus-client")
        families = {f.name: f for f in text_string_to_metric_families(text)}
        self.assertEqual((families["p2s_bytes"].type, families["p2s_bytes"].unit),
                         ("counter", "bytes"))
        self.assertEqual(families["p2s_jitter_seconds"].unit, "seconds")
        for family in families.values():
            self.assertTrue(family.documentation, family.name)
        # both formats say the same
        from prometheus_client.parser import text_string_to_metric_families as old
        flat = lambda fs: {(s.name, tuple(sorted(s.labels.items())), s.value)
                           for f in fs for s in f.samples if "jitter" not in s.name}
        self.assertEqual(flat(families.values()), flat(old(self.ctl("metrics"))))

    def test_values(self):
        values = self.values()
        self.assertEqual(values["p2s_up", ()], 1)
        self.assertEqual(values["p2s_build_info", (("version", "0.1.0"),)], 1)
        self.assertEqual([values["p2s_mode", (("mode", m),)]
                          for m in ("off", "monitor", "mark", "shape")], [0, 0, 0, 1])
        self.assertEqual(values["p2s_holds", ()], 1)

        def link(name, **labels):
            return values[name, tuple(sorted(labels.items()))]

        self.assertEqual(link("p2s_link_state", link="auto", interface="enx001122334455",
                              state="busy"), 1)
        self.assertEqual(link("p2s_link_rate_bytes_per_second", link="eth0", interface="eth0",
                              direction="outgoing"), 9500000 / 8)
        self.assertNotIn(("p2s_link_rate_bytes_per_second",
                          (("direction", "outgoing"), ("interface", "enx001122334455"),
                           ("link", "auto"))), values)
        self.assertEqual(link("p2s_link_shaped", link="eth0", interface="eth0",
                              direction="incoming"), 1)
        self.assertEqual(link("p2s_link_degraded", link="eth0", interface="eth0",
                              what="no fq_codel"), 1)
        self.assertEqual(link("p2s_bytes_total", direction="outgoing", **{"class": "video"}),
                         1514000)
        self.assertEqual([link("p2s_calls", interface=i) for i in ("eth0", "wg0", "old0")],
                         [4, 0, 0])
        self.assertAlmostEqual(link("p2s_jitter_seconds", interface="eth0",
                                    direction="incoming", **{"class": "voice"}), 0.00143)
        self.assertAlmostEqual(link("p2s_loss_ratio", interface="eth0", direction="incoming",
                                    **{"class": "voice"}), 4 / 104)
        # no RTP: nothing is claimed
        self.assertFalse([k for k in values if k[0] in ("p2s_jitter_seconds", "p2s_loss_ratio")
                          and ("class", "general") in k[1]])
        # nothing asks for a password, and the last minute alone is asked for
        self.assertEqual({(m, ask) for m, _, ask in self.changes()},
                         {("GetStats", False), ("GetHistory", False)})

    def test_labels_are_escaped(self):
        self.service.properties["Links"] = v("aa{sv}", [dict(ETH0, **asv(
            Name=("s", 'a"b\\c\nd')))])
        self.assertIn('link="a\\"b\\\\c\\nd"', self.ctl("metrics"))
        self.test_promtool_has_nothing_against_them()

    def test_a_file_is_replaced_at_once(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "p2s.prom")
            with open(path, "w", encoding="utf-8") as f:
                f.write("old")
                f.flush()
                with open(path, encoding="utf-8") as reader:
                    self.assertEqual(self.ctl("metrics", "--output", path), "")
                    # who has it open reads what it was
                    self.assertEqual(reader.read(), "old")
            self.assertEqual(os.listdir(directory), ["p2s.prom"])
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o666 & ~self.umask())
            with open(path, encoding="utf-8") as f:
                self.assertIn("\np2s_up 1\n", f.read())
            # a service that is gone is told
            self.service.vanish()
            self.ctl("metrics", "--output", path, status=3)
            with open(path, encoding="utf-8") as f:
                self.assertEqual([line for line in f if not line.startswith("#")], ["p2s_up 0\n"])
            self.assertIn("No such file", self.ctl("metrics", "--output",
                                                   directory + "/none/p2s.prom", status=1))
            os.mkdir(directory + "/d")
            self.assertIn("cannot be written", self.ctl("metrics", "--output", directory + "/d",
                                                        status=1))
            self.assertEqual(sorted(os.listdir(directory)), ["d", "p2s.prom"])

    def umask(self):
        mask = os.umask(0)
        os.umask(mask)
        return mask

    def test_no_service(self):
        self.service.vanish()
        for args in ((), ("--openmetrics",), ("--json",)):
            done = subprocess.run([P2SCTL, "metrics", *args], env=self.environment(), timeout=30,
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 3)
            self.assertIn("p2sd is not running", done.stderr)
            self.assertIn("p2s_up", done.stdout)
            self.assertNotIn("p2s_mode", done.stdout)
        self.assertIn("say one of them", self.ctl("metrics", "--json", "--openmetrics", status=2))


if __name__ == "__main__":
    main()
