# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hosts in namespaces, what runs on them, and a capture at the first one's link."""

import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
A, B = "10.77.0.1", "10.77.0.2"
A6, B6 = "fd77::1", "fd77::2"
PREFIX = f"p2s-record-{os.getpid()}"


def ip(*argv):
    subprocess.run(("ip", *argv), check=True)


class Net:
    """Hosts `a` and `b`, on one cable or on a bad path, for the length of a `with`."""

    def __init__(self, loss=0, double=0, jitter_ms=0):
        self.worse = (loss, double, jitter_ms)
        self.directory = tempfile.TemporaryDirectory(prefix="p2s-record-")
        self.children, self.spaces = [], []

    def path(self, name, text=None):
        """A path in the recording's own directory; with text, a file there."""
        path = os.path.join(self.directory.name, name)
        if text is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        return path

    def ns(self, host):
        return f"{PREFIX}-{host}"

    def _add(self, host):
        ip("netns", "add", self.ns(host))
        self.spaces.append(host)
        ip("-n", self.ns(host), "link", "set", "lo", "up")

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _build(self):
        self._add("a")
        self._add("b")
        ends = [("a", "eth0"), ("b", "eth0")]
        if any(self.worse):
            self._add("path")
            ends = [("a", "eth0"), ("path", "p0"), ("path", "p1"), ("b", "eth0")]
        for (host, name), (other, peer) in zip(ends[::2], ends[1::2]):
            ip("-n", self.ns(host), "link", "add", name, "type", "veth",
               "peer", "name", peer, "netns", self.ns(other))
        for host, name in ends:
            self.run(host, "ethtool", "-K", name, "tx", "off", "tso", "off", "gso", "off",
                     "gro", "off")
            if host != "path":
                number = "12"["ab".index(host)]
                ip("-n", self.ns(host), "addr", "add", f"10.77.0.{number}/24", "dev", name)
                ip("-n", self.ns(host), "addr", "add", f"fd77::{number}/64", "dev", name, "nodad")
            ip("-n", self.ns(host), "link", "set", name, "up")
            if host != "path":
                ip("-n", self.ns(host), "route", "add", "default", "dev", name)
        if any(self.worse):
            self.spawn("path", sys.executable, os.path.join(HERE, "path.py"), "p0", "p1",
                       *(str(each) for each in self.worse))

    def __exit__(self, *_):
        for child in reversed(self.children):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                try:
                    child.wait(5)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
        for host in self.spaces:
            pids = subprocess.run(("ip", "netns", "pids", self.ns(host)), capture_output=True,
                                  text=True, check=False).stdout.split()
            for pid in pids:
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            ip("netns", "del", self.ns(host))
        self.directory.cleanup()

    def command(self, host, *argv):
        return ("ip", "netns", "exec", self.ns(host), *argv)

    def run(self, host, *argv, timeout=60, check=False, text=None, env=None):
        """Runs to its end, or for so many seconds; returns what it wrote."""
        try:
            done = subprocess.run(self.command(host, *argv), check=False, input=text, text=True,
                                  stdin=None if text else subprocess.DEVNULL, timeout=timeout,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  cwd=self.directory.name, env={**os.environ, **(env or {})})
        except subprocess.TimeoutExpired as expired:
            return (expired.stdout or b"").decode(errors="replace")
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(argv)}: {done.stdout}")
        return done.stdout

    def spawn(self, host, *argv, wait=0.0, env=None, log=None):
        """Starts what runs until the end of the recording."""
        path = self.path(log or f"{os.path.basename(argv[0])}-{host}-{len(self.children)}.log")
        with open(path, "wb") as out:
            child = subprocess.Popen(self.command(host, *argv), stdin=subprocess.PIPE, stdout=out,
                                     stderr=subprocess.STDOUT, cwd=self.directory.name,
                                     env={**os.environ, **(env or {})})
        self.children.append(child)
        time.sleep(wait)
        return child

    def logs(self):
        """What all of them said, for whoever asks why."""
        for name in sorted(os.listdir(self.directory.name)):
            if name.endswith(".log"):
                with open(self.path(name), encoding="utf-8", errors="replace") as f:
                    yield f"--- {name}\n{f.read()[-3000:]}"

    def capture(self, host="a", link="eth0", name="capture.pcap"):
        """Records a link from now on; returns (process, path)."""
        path = self.path(name)
        child = self.spawn(host, "tcpdump", "-i", link, "-n", "-U", "-B", "8192", "-s", "1600",
                           "--time-stamp-precision=nano", "-w", path, "ip or ip6")
        end = time.monotonic() + 10
        while not os.path.exists(path) and time.monotonic() < end:
            time.sleep(0.05)
        return child, path
