# SPDX-License-Identifier: GPL-2.0-or-later
"""A narrow line in network namespaces of its own.

    caller (pc0) -- (lan0) router (wan0) -- (isp0) far (isp1) -- (srv0) callee

The narrow line has a dumb FIFO each way, beyond the caller's reach as a modem's or a
provider's is: isp1 upwards, lan0 downwards.  The distance is netem between them, at
wan0 and isp0, so that no delay queue sits under a line's.  None of the machine's own
links, routes or addresses is touched.
"""

import os
import re
import signal
import subprocess

from . import counter, entered

MTU_FRAME = 1514  # what the kernel's shapers count: Ethernet without its FCS
LATE_TIMER_S = 50e-6
NAMESPACES = ("caller", "router", "far", "callee")
CALLER, CALLEE = "192.0.2.2", "203.0.113.2"
CALLER6, CALLEE6 = "2001:db8:1::2", "2001:db8:3::2"

# namespace, interface, IPv4, IPv6, default gateways (IPv4, IPv6)
INTERFACES = (
    ("caller", "pc0", "192.0.2.2", "2001:db8:1::2", ("192.0.2.1", "2001:db8:1::1")),
    ("router", "lan0", "192.0.2.1", "2001:db8:1::1", None),
    ("router", "wan0", "198.51.100.1", "2001:db8:2::1", ("198.51.100.2", "2001:db8:2::2")),
    ("far", "isp0", "198.51.100.2", "2001:db8:2::2", ("198.51.100.1", "2001:db8:2::1")),
    ("far", "isp1", "203.0.113.1", "2001:db8:3::1", None),
    ("callee", "srv0", "203.0.113.2", "2001:db8:3::2", ("203.0.113.1", "2001:db8:3::1")),
)
_CABLES = ((1, 0), (3, 2), (5, 4))  # pairs of INTERFACES


def run(*argv, check=True, input=None):
    """Runs a command without a terminal; its output, or CalledProcessError with it."""
    done = subprocess.run(argv, input=input, stdin=None if input else subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: {done.stdout.strip()}")
    return done.stdout


def have_qdisc(kind):
    """Whether this kernel has a qdisc, tried on a throw-away namespace's own link."""
    name = f"p2s-{os.getpid()}-probe"
    try:
        run("ip", "netns", "add", name)
        run("ip", "-n", name, "link", "add", "d0", "type", "veth", "peer", "name", "d1")
        run("tc", "-n", name, "qdisc", "add", "dev", "d0", "root", kind)
        return True
    except RuntimeError:
        return False
    finally:
        run("ip", "netns", "del", name, check=False)


def remove_stale():
    """Removes namespaces of runs that were killed before they could."""
    for name in run("ip", "netns", "list", check=False).split("\n"):
        match = re.match(r"(p2s-(\d+))-(caller|router|far|callee|probe)\b", name)
        if match and not os.path.exists(f"/proc/{match[2]}"):
            _remove(f"{match[1]}-{match[3]}")


def _remove(name):
    """Ends what still runs in a namespace and removes it; its links go with it."""
    for pid in run("ip", "netns", "pids", name, check=False).split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except (ProcessLookupError, ValueError):
            pass
    run("ip", "netns", "del", name, check=False)


class Line(entered.Entered):
    """The line, for the length of a `with`.  Rates in bit/s, times in seconds."""

    def __init__(self, up_bps, down_bps, buffer_s=0.250, delay_s=0.010):
        self.up_bps, self.down_bps = up_bps, down_bps
        self.buffer_s, self.delay_s = buffer_s, delay_s
        self.prefix = f"p2s-{os.getpid()}"
        self.counters = {}

    def ns(self, role):
        return f"{self.prefix}-{role}"

    def exec(self, role, *argv):
        """The command that runs argv in the namespace of a role."""
        return ("ip", "netns", "exec", self.ns(role), *argv)

    def __exit__(self, *exc):
        self.remove()

    def remove(self):
        for opened in self.counters.values():
            opened.close()
        for role in NAMESPACES:
            _remove(self.ns(role))

    def _start(self):
        self.make_namespaces()
        for a, b in _CABLES:
            one, other = INTERFACES[a], INTERFACES[b]
            self.make_cable(one[0], one[1], other[0], other[1])
        self.address(INTERFACES)
        self.counters = {"up": counter.Counter(self.ns("far"), "isp1"),
                         "down": counter.Counter(self.ns("router"), "lan0")}
        self.narrow("far", "isp1", self.up_bps)
        self.narrow("router", "lan0", self.down_bps)
        if self.delay_s:
            for role, link in (("router", "wan0"), ("far", "isp0")):
                # its default of 1000 packets would drop a burst that the line would take
                run("tc", "-n", self.ns(role), "qdisc", "add", "dev", link, "root",
                    "netem", "delay", f"{round(self.delay_s * 1e6)}us", "limit", "200000")

    def make_namespaces(self):
        for role in NAMESPACES:
            run("ip", "netns", "add", self.ns(role))
            # before the links are, so that no address waits to be found unique
            self._sysctl(role, "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.all.forwarding="
                         + ("1" if role in ("router", "far") else "0"),
                         "net.ipv4.ip_forward=" + ("1" if role in ("router", "far") else "0"),
                         "net.ipv4.conf.default.rp_filter=0")

    def make_cable(self, role, link, other_role, other_link):
        run("ip", "-n", self.ns(role), "link", "add", link, "type", "veth",
            "peer", "name", other_link, "netns", self.ns(other_role))

    def address(self, interfaces):
        """Gives those of INTERFACES their addresses and routes, and sets them up."""
        batch = {role: [] for role in NAMESPACES}
        for role, link, v4, v6, gateways in interfaces:
            batch[role] += [f"addr add {v4}/24 dev {link}", f"addr add {v6}/64 dev {link} nodad",
                            f"link set {link} up"]
            if gateways:
                batch[role] += [f"route add default via {gateways[0]}",
                                f"route add default via {gateways[1]}"]
            # Packets on a wire are MTU-sized.  The caller's own link alone keeps what a
            # PC's has; its super-packets are cut as they leave the router, which NICs do.
            if link != "pc0":
                run(*self.exec(role, "ethtool", "-K", link, "tso", "off", "gso", "off",
                               "gro", "off"))
        for role, lines in batch.items():
            # links last among what routes need: all addresses and `up` come first
            lines.sort(key=lambda line: "route" in line)
            run("ip", "-n", self.ns(role), "-batch", "-", input="\n".join(["link set lo up"] + lines))

    def narrow(self, role, link, bps):
        """One direction of the line, with its dumb FIFO.  HTB with next to no burst
        serialises as a wire does: it sends while tokens are not negative, so that the
        next packet waits until the one before it is through.  (TBF asks for a packet's
        tokens beforehand and saves one MTU of them, and so lets a short packet pass
        right behind a long one.)  The burst makes up for a timer that fires late."""
        limit = max(round(bps * self.buffer_s / 8), 2 * MTU_FRAME)
        burst = max(round(bps * LATE_TIMER_S / 8), 1)
        tc = ("tc", "-n", self.ns(role))
        run(*tc, "qdisc", "add", "dev", link, "root", "handle", "1:", "htb", "default", "1")
        run(*tc, "class", "add", "dev", link, "parent", "1:", "classid", "1:1", "htb", "rate",
            f"{bps}bit", "burst", str(burst), "cburst", str(burst), "quantum", str(MTU_FRAME))
        run(*tc, "qdisc", "add", "dev", link, "parent", "1:1", "bfifo", "limit", str(limit))

    def wire_bytes(self):
        """{"up": (ns, bytes), "down": …}: what has crossed the line, CLOCK_MONOTONIC."""
        return {d: counter.read() for d, counter in self.counters.items()}

    def _sysctl(self, role, *settings):
        run(*self.exec(role, "sysctl", "-qw", *settings))
