# SPDX-License-Identifier: GPL-2.0-or-later
"""The router between two hosts: a VM with Debian's kernel, real fq_codel and p2sd.

    caller (pc0, a tap) -- [VM: eth0 eth1] -- (isp0, a tap) far (isp1) -- (srv0) callee

The hosts are namespaces here, so that browsers and iperf3 run at full speed; QEMU runs
in a namespace, too.  What the VM is asked to do, and what it answers, are files in a
directory that both see.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time

from lab import call, counter, daemon, entered, line as line_module

from . import place, priority, witness

TAPS = (("tapl", "caller", "pc0"), ("tapw", "far", "isp0"))
PATIENCE_S = 180  # to boot, and for an answer, on a machine without virtualisation
LIMIT_S = 7 * 24 * 3600
POLL_S = 0.1


class RoutedLine(line_module.Line):
    """As Line, with a VM for the router.  Both narrow hops are in `far`: what goes to the
    router queues at isp0, as at a provider, and what comes from it at isp1."""

    def __init__(self, args):
        super().__init__(*args.line, args.buffer / 1000, 0)
        self.build, self.rates, self.rtt_ms = args.build, args.rates, args.rtt
        self.vm = self.shared = self.number = None

    def _start(self):
        self.shared = tempfile.mkdtemp(prefix="p2s-router-")
        interfaces = [i for i in line_module.INTERFACES if i[0] != "router"]
        self.make_namespaces()
        self.make_cable("callee", "srv0", "far", "isp1")
        self._start_vm()
        for tap, role, name in TAPS:
            line_module.run("ip", "-n", self.ns("router"), "link", "set", tap, "netns",
                            self.ns(role), "name", name)
        self.address(interfaces)
        # a super-packet would pass the VM as one
        line_module.run(*self.exec("caller", "ethtool", "-K", "pc0", "tso", "off", "gso", "off",
                                   "gro", "off"))
        self.counters = {"up": counter.Counter(self.ns("far"), "isp1"),
                         "down": counter.Counter(self.ns("far"), "isp0")}
        self.narrow("far", "isp1", self.up_bps)
        self.narrow("far", "isp0", self.down_bps)

    def _start_vm(self):
        for tap, _, _ in TAPS:
            line_module.run("ip", "-n", self.ns("router"), "tuntap", "add", tap, "mode", "tap")
            line_module.run("ip", "-n", self.ns("router"), "link", "set", tap, "up")
        tests = os.path.join(place.SOURCE, "tests")
        self.log = open(os.path.join(self.shared, "vm.log"), "w", encoding="utf-8")
        self.number = 0
        self.vm = subprocess.Popen(
            # ahead of the load: a router that waits for a CPU would be the narrow hop
            priority.realtime(priority.ROUTER, *self.exec(
                "router", os.path.join(tests, "vm", "run"), "-t", str(LIMIT_S),
                "-o", self.shared, "-n", TAPS[0][0], "-n", TAPS[1][0], "--",
                os.path.join(tests, "eval", "in-router"), self.shared, self.build,
                *map(str, self.rates), str(self.rtt_ms))),
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        self.ask("hello")

    def ask(self, what, **more):
        """What the VM answers; RuntimeError with its words if it could not do it."""
        self.number += 1
        path = os.path.join(self.shared, "ask")
        with open(path + ".new", "w", encoding="utf-8") as f:
            json.dump({"number": self.number, "do": what, **more}, f)
        os.rename(path + ".new", path)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                with open(os.path.join(self.shared, f"answer-{self.number}"),
                          encoding="utf-8") as f:
                    answer = json.load(f)
                break
            except (OSError, ValueError):
                pass
            if self.vm.poll() is not None or time.monotonic() > deadline:
                with open(self.log.name, encoding="utf-8", errors="replace") as f:
                    raise RuntimeError(f"the router's VM does not answer\n{f.read()[-2000:]}")
            time.sleep(POLL_S)
        if "error" in answer:
            raise RuntimeError(f"the router: {answer['error']}")
        return answer

    def remove(self):
        if self.vm:
            call.stop(self.vm, patience=10)
            self.log.close()
            self.vm = None
        super().remove()
        if self.shared:
            shutil.rmtree(self.shared, ignore_errors=True)


class Router(entered.Entered):
    """p2sd on the router's links, for traffic that it forwards; two more, which monitor,
    at both ends."""

    def __init__(self, args):
        self.line, self.rtt_ms = RoutedLine(args), args.rtt
        self.build = args.build
        self.monitors = {}
        self.kernel = None

    def _start(self):
        self.line.__enter__()
        self.kernel = self.line.ask("facts")["kernel"]
        for side, link in (("caller", "pc0"), ("callee", place.MONITORED)):
            self.monitors[side] = p2sd = daemon.Daemon(self.line, place.SOURCE, self.build, side)
            p2sd.__enter__()
            p2sd.set_link(link, 0, 0)
            p2sd.call("SetMode", "s", "monitor")

    def __exit__(self, *exc):
        for p2sd in self.monitors.values():
            if p2sd.directory:
                p2sd.__exit__()
        self.line.__exit__()

    def witnesses(self):
        return {side: witness.Witness(p2sd) for side, p2sd in self.monitors.items()}

    def treat(self, name):
        self.line.ask("treat", name=name)

    def untreat(self):
        self.line.ask("untreat")

    def facts(self):
        return self.line.ask("facts")
