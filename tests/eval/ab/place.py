# SPDX-License-Identifier: GPL-2.0-or-later
"""Where P2S stands: at the caller's own link (here), or on the router between (a VM)."""

import os
import platform

from lab import daemon, entered, line as line_module

from . import witness

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__)))))
COMPARED = ("fq_codel", "cake", "cake0", "sqm", "seed")  # tests/vm/…; need their qdiscs
# Those that know a call by its mark alone: browsers mark only when a page asks.
MARKED = ("cake", "sqm", "seed")
TREATMENTS = ("none", *COMPARED, "p2s")
MONITORED = "srv0"


def link_facts(p2sd):
    """{link: what is in force on it}, of what p2sd says."""
    rows = witness.ask(p2sd, "get-property", daemon.NAME, daemon.PATH, daemon.NAME, "Links")
    return {row["Name"]: {key: value for key, value in row.items()
                          if isinstance(value, (str, int, bool, list))} for row in rows}


class Comparator:
    """One of tests/vm/'s scripts in force on a link; exec: the command to run it with."""

    def __init__(self, name, link, rates, wrap=lambda *argv: argv):
        self.name, self.link, self.rates, self.wrap = name, link, rates, wrap

    def begin(self):
        line_module.run(*self.wrap(os.path.join(SOURCE, "tests", "vm", self.name.rstrip("0")),
                                   self.link, *map(str, self.rates)))

    def end(self):
        """Takes off all that any of them sets."""
        for argv in (("tc", "qdisc", "del", "dev", self.link, "root"),
                     ("tc", "qdisc", "del", "dev", self.link, "clsact"),
                     ("tc", "qdisc", "del", "dev", self.link, "ingress"),
                     *(("ip", "link", "del", f"ifb-{n}") for n in ("cake", "fq", "sqm", "seed"))):
            line_module.run(*self.wrap(*argv), check=False)


class Here(entered.Entered):
    """p2sd on the caller's own link, under this machine's kernel.  Without P2S it
    monitors there, which changes no packet."""

    def __init__(self, args):
        delay = 0.010 if line_module.have_qdisc("netem") else 0
        self.line = line_module.Line(*args.line, args.buffer / 1000, delay)
        self.rates, self.build = args.rates, args.build
        self.acting = self.callee = self.comparator = None
        self.kernel, self.rtt_ms = platform.release(), round(2000 * delay)

    def _start(self):
        self.line.__enter__()
        self.acting = daemon.Daemon(self.line, SOURCE, self.build)
        self.acting.__enter__()
        self.callee = daemon.Daemon(self.line, SOURCE, self.build, role="callee")
        self.callee.__enter__()
        for p2sd, link, rates in ((self.acting, "pc0", self.rates),
                                  (self.callee, MONITORED, (0, 0))):
            p2sd.set_link(link, *rates)
            p2sd.call("SetMode", "s", "monitor")

    def __exit__(self, *exc):
        for each in (self.callee, self.acting):
            if each and each.directory:
                each.__exit__()
        self.line.__exit__()

    def witnesses(self):
        """{side: Witness} of what arrives there."""
        return {"caller": witness.Witness(self.acting), "callee": witness.Witness(self.callee)}

    def treat(self, name):
        """Puts a treatment in force, until untreat()."""
        if name == "p2s":
            self.acting.call("SetMode", "s", "shape")
        elif name != "none":
            self.acting.call("SetMode", "s", "off")
            self.comparator = Comparator(name, "pc0", self.rates,
                                         lambda *argv: self.line.exec("caller", *argv))
            self.comparator.begin()

    def untreat(self):
        if self.comparator:
            self.comparator.end()
            self.comparator = None
        self.acting.call("SetMode", "s", "monitor")

    def facts(self):
        """What is in force now."""
        return {"links": link_facts(self.acting),
                "qdiscs": line_module.run("tc", "-n", self.line.ns("caller"), "qdisc")}
