#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""p2sctl against a scripted service: what it prints."""

import json
import time

from scripted_service import asv, call, Case, ETH0, flow, main, sample, stats, v


class Reading(Case):
    def assert_fits(self, text):
        for line in text.splitlines():
            self.assertLessEqual(len(line), 80, line)
            self.assertEqual(line, line.rstrip())

    def test_status(self):
        out = self.ctl()
        self.assertEqual(out, self.ctl("status"))
        self.assertEqual(out, """\
Mode:    shape, held by zoom (a call); without it monitor
Ports:   2 rules
DSCP:    2 values trusted
Kernel:  htb, ifb, clsact
p2sd:    0.1.0
Links:
  LINK                    STATE   UPLINK      DOWNLINK     OUTGOING  INCOMING
  eth0                    active  9.5 Mbit/s  47.5 Mbit/s  shaped    shaped
    degraded: no fq_codel
  auto (enx001122334455)  busy    unknown     unknown      none      none
    busy: htb 8001:
""")
        self.assert_fits(out)

    def test_status_of_an_empty_service(self):
        self.service.properties.update(
            Holds=v("aa{sv}", []), EffectiveMode=v("s", "monitor"), Ports=v("a(qqss)", []),
            Dscps=v("a(ys)", []), Links=v("aa{sv}", []), Capabilities=v("as", []))
        out = self.ctl()
        self.assertIn("Mode:    monitor\n", out)
        self.assertIn("Ports:   no rules\n", out)
        self.assertIn("Links:   none; 'p2sctl link auto", out)

    def test_status_json_has_everything_under_its_own_name(self):
        status = json.loads(self.ctl("status", "--json"))
        self.assertEqual(status["Ports"][0],
                         {"First": 3478, "Last": 3481, "Class": "voice", "Label": "Teams"})
        self.assertEqual(status["Dscps"][1], {"Value": 46, "Class": "voice"})
        self.assertEqual(status["Links"][0]["UplinkBps"], 9500000)
        self.assertEqual(status["Links"][1]["Degraded"], [])
        self.assertEqual(status["Weather"], ["fair", {"7": "x"}, 21.5])

    def test_mode(self):
        self.assertEqual(self.ctl("mode"), "shape, held by zoom (a call); without it monitor\n")
        self.assertEqual(sorted(json.loads(self.ctl("mode", "--json"))),
                         ["EffectiveMode", "Holds", "Mode"])
        holds = self.service.properties["Holds"].unpack()
        hold = {"Mode": v("s", "shape"), "Application": v("s", "")}
        self.service.properties["Holds"] = v("aa{sv}", [hold] * 3)
        self.assertEqual(self.ctl("mode"),
                         "shape, held by a program and 2 more; without them monitor\n")
        self.service.properties.update(Holds=v("aa{sv}", []), EffectiveMode=v("s", "turbo"))
        self.assertEqual(self.ctl("mode"), "turbo\n")
        self.assertEqual(len(holds), 1)

    def test_link(self):
        self.assertEqual(self.ctl("link").splitlines()[0],
                         "LINK                    STATE   UPLINK      DOWNLINK     OUTGOING  INCOMING")
        self.assertEqual(self.ctl("link", "eth0"), """\
Link:        eth0
Interface:   eth0
State:       active
Uplink:      9.5 Mbit/s
Downlink:    47.5 Mbit/s
Outgoing:    shaped
Incoming:    shaped
Qdisc:       htb
AQM:         bfifo
IFB:         p2s-ifb2
XDP:         none
Degraded:    no fq_codel
""")
        # By its interface too.
        self.assertIn("Reason:      busy: htb 8001:\n", self.ctl("link", "enx001122334455"))
        self.assertEqual(json.loads(self.ctl("--json", "link", "eth0"))["Ifb"], "p2s-ifb2")
        self.assertEqual(len(json.loads(self.ctl("link", "--json"))), 2)
        self.assertIn("p2sctl link eth9 --uplink", self.ctl("link", "eth9", status=1))
        self.service.properties["Links"] = v("aa{sv}", [])
        self.assertIn("No link is managed", self.ctl("link"))
        self.assertEqual(json.loads(self.ctl("link", "--json")), [])

    def test_ports(self):
        self.assertEqual(self.ctl("ports"), "FIRST   LAST  CLASS  LABEL\n"
                                            " 3478   3481  voice  Teams\n"
                                            "50000  50019  video\n")
        self.assertEqual(self.ctl("ports"), self.ctl("ports", "list"))
        self.assertEqual(json.loads(self.ctl("ports", "--json"))[1]["Class"], "video")
        self.service.properties["Ports"] = v("a(qqss)", [])
        self.assertIn("ports add", self.ctl("ports"))

    def test_dscp(self):
        self.assertEqual(self.ctl("dscp"), "DSCP  CLASS\n  34  video\n  46  voice\n")
        self.assertEqual(json.loads(self.ctl("dscp", "list", "--json"))[0],
                         {"Value": 34, "Class": "video"})

    def test_calls(self):
        self.service.replies["GetCalls"] = v("(aa{sv})", ([call()],))
        out = self.ctl("calls")
        self.assertEqual(out, """\
Call 12 on eth0 for 3 min 20 s, zoom (4711)
  local  192.0.2.2:5000
  remote [2001:db8:1111:2222:3333:4444:5555:6666]:8801
  DIRECTION  CLASS  RULE      CODEC    BITRATE   JITTER   LOST  MOS
  outgoing   voice  stun+rtp  opus   66 kbit/s  1.43 ms  1.0 %  4.1
  incoming   voice  stun+rtp  opus   66 kbit/s  1.43 ms      0  4.1
""")
        self.assert_fits(out)
        calls = json.loads(self.ctl("calls", "--json"))
        self.assertEqual(calls[0]["Flows"][1]["Lost"], -3)
        self.assertEqual(calls[0]["Flows"][0]["Mos"], 4.1)
        # Who talks to whom: polkit may ask.
        self.assertEqual(self.changes()[-1], ("GetCalls", (), True))

    def test_calls_of_a_newer_or_poorer_service(self):
        odd = asv(Id=("s", "twelve"), Flows=("aa{sv}", [asv(Class=("u", 7)), {}]),
                  Mood=("(ss)", ("a", "b")))
        self.service.replies["GetCalls"] = v("(aa{sv})", ([odd, {}],))
        out = self.ctl("calls")
        self.assertIn("Call 0 on ?", out)
        self.assertEqual(json.loads(self.ctl("calls", "--json"))[0]["Mood"], ["a", "b"])

    def test_no_calls(self):
        self.service.replies["GetCalls"] = v("(aa{sv})", ([],))
        self.assertEqual(self.ctl("calls"), "No call is running.\n")
        self.assertEqual(json.loads(self.ctl("calls", "--json")), [])

    def test_stats(self):
        self.service.replies["GetStats"] = v("(a{sv})", (stats(),))
        out = self.ctl("stats")
        self.assertEqual(out.splitlines()[0],
                         "DIRECTION  CLASS    PACKETS     SIZE  MARKED  DROPPED  WAITING")
        self.assertEqual(out.splitlines()[1],
                         "outgoing   voice      12345  1.51 MB   12345        3  1.51 kB")
        self.assertRegex(out, r"\nCounted for \d.*\.\n\Z")
        self.assertEqual(json.loads(self.ctl("stats", "--json"))["Classes"][5]["Drops"], 3)
        self.assert_fits(out)
        # Free to read: nobody is asked.
        self.assertEqual(self.changes()[-1], ("GetStats", (), False))

    def test_history(self):
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        rows = [sample("eth0", now - 2000000), sample("wg0", now - 2000000, mode="monitor"),
                sample("eth0", now - 1000000)]
        self.service.replies["GetHistory"] = v("(a(sttsua(tttttt)a(tttttt)))", (rows,))
        out = self.ctl("history")
        lines = out.splitlines()
        self.assertEqual(lines[0], "eth0")
        self.assertIn("VOICE DOWN", lines[1])
        self.assertRegex(lines[2], r"^\d\d:\d\d:\d\d  shape      1  66 kbit/s  1.43 ms     2 ")
        self.assertEqual(lines[5], "wg0")
        self.assert_fits(out)
        row = json.loads(self.ctl("history", "--json"))[1]
        self.assertEqual(row["Link"], "wg0")
        self.assertEqual(row["Mode"], "monitor")
        self.assertEqual(row["Incoming"][2],
                         {"BitrateBps": 9100000, "Packets": 780, "Drops": 5, "Lost": 0,
                          "JitterUsec": 0, "BacklogBytes": 30000, "Class": "general"})
        self.changes()
        self.ctl("history", "eth0", "--last", "30s")
        member, (link, since), ask = self.changes()[0]
        self.assertEqual((member, link, ask), ("GetHistory", "eth0", False))
        self.assertAlmostEqual(since, now - 30000000, delta=20000000)
        self.service.replies["GetHistory"] = v("(a(sttsua(tttttt)a(tttttt)))", ([],))
        self.assertIn("No samples", self.ctl("history"))
        self.assertEqual(json.loads(self.ctl("history", "--json")), [])

    def test_hostile_text_does_nothing_to_a_terminal(self):
        bad = "\x1b[2J\u009b31m\u202eevil\u200b\nnext"
        self.service.properties["Ports"] = v("a(qqss)", [(1, 2, "voice", bad)])
        self.service.properties["Holds"] = v(
            "aa{sv}", [{"Mode": v("s", "shape"), "Application": v("s", bad)}])
        self.service.properties["Links"] = v(
            "aa{sv}", [dict(ETH0, Reason=v("s", bad), State=v("s", bad))])
        self.service.replies["GetCalls"] = v("(aa{sv})", ([call(Process=("s", bad))],))
        for arguments in (["ports"], ["status"], ["mode"], ["calls"], ["link"], ["link", "eth0"]):
            out = self.ctl(*arguments)
            self.assertIn(r"\x1b[2J\x9b31m\u202eevil\u200b next", out)
            for c in "\x1b\u009b\u202e\u200b":
                self.assertNotIn(c, out)
            raw = self.ctl(*arguments, "--json")
            self.assertNotIn("\u009b", raw)
            self.assertNotIn("\u202e", raw)
            self.assertIn(bad, json.dumps(json.loads(raw), ensure_ascii=False)
                          .replace("\\u001b", "\x1b").replace("\\n", "\n"))
        self.service.replies["SetMode"] = ("org.p2s.Error.Failed", bad)
        self.assertIn(r"\x1b[2J", self.ctl("mode", "off", status=1))

    def test_text_of_all_scripts_is_aligned_and_cut(self):
        self.service.properties["Ports"] = v("a(qqss)", [
            (1, 2, "voice", "電話の会議のためのポート" * 5), (3, 4, "voice", "Gespräch"),
            (5, 6, "voice", "👩‍💻")])
        out = self.ctl("ports", COLUMNS="40")
        self.assertIn("Gespräch\n", out)
        self.assertIn("…", out)
        for line in out.splitlines():
            wide = sum(2 if c >= "\u1100" and c not in "…" else 1 for c in line)
            self.assertLessEqual(wide, 40)
        # Without UTF-8, nothing but ASCII.
        plain = self.ctl("ports", LC_ALL="C", COLUMNS="40")
        plain.encode("ascii")
        self.assertIn("Gespr?ch", plain)
        self.service.replies["GetCalls"] = v(
            "(aa{sv})", ([call(Flows=("aa{sv}", [flow(JitterUsec=("t", 950))]))],))
        self.assertIn(" 950 us ", self.ctl("calls", LC_ALL="C"))
        self.assertIn(" 950 µs ", self.ctl("calls"))


if __name__ == "__main__":
    main()
