#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A recorded call sent over a real link, in real time, measured as Wireshark does.

The programs are attached at both ends of a veth pair between two namespaces.  The
receiving ones take the times that are in the capture that is made there: packets, losses
and jitter are those of tshark.  The sending ones take their own, as in p2sd: what differs
is the microseconds between the two, or a moment in which this machine did not run."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import capture
import judge
import pcap

LIVE = sys.argv[1]
CALL, SECONDS = "baresip-vp8", 6
ATTEMPTS = 3
PREFIX = f"p2s-live-{os.getpid()}"
OWN_CLOCK = {"share": 0.05, "least_ms": 0.5}


def ip(*argv):
    subprocess.run(("ip", *argv), check=True)


def start(host, *argv, **more):
    return subprocess.Popen(("ip", "netns", "exec", f"{PREFIX}-{host}", *argv), text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)


def build():
    for host in "ab":
        ip("netns", "add", f"{PREFIX}-{host}")
        # nothing but the call: no neighbours are looked for
        subprocess.run(("ip", "netns", "exec", f"{PREFIX}-{host}", "sysctl", "-qw",
                        "net.ipv6.conf.default.disable_ipv6=1"), check=True)
    ip("-n", f"{PREFIX}-a", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns",
       f"{PREFIX}-b")
    for host in "ab":
        ip("-n", f"{PREFIX}-{host}", "link", "set", "eth0", "up")


def send(frames):
    """In a child that has moved into the sender's namespace: each frame at its time."""
    child = os.fork()
    if child:
        return child
    try:
        with open(f"/run/netns/{PREFIX}-a", "rb") as namespace:
            if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0):
                raise OSError(ctypes.get_errno(), "setns")
        link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        link.bind(("eth0", 0))
        begin = time.monotonic()
        for frame in frames:
            wait = begin + (frame.when - frames[0].when) / 1e9 - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            link.send(frame.data)
        os._exit(0)
    except OSError as error:
        print(error, file=sys.stderr)
        os._exit(1)


def await_line(stream, word, seconds=30):
    """Reads until a line has the word, or fails."""
    signal.alarm(seconds)
    for line in stream:
        if word in line:
            signal.alarm(0)
            return
    raise RuntimeError(f"no {word!r} was said")


def run(one, directory):
    """Sends the call; returns (flows at the sender, flows at the receiver, capture)."""
    path = os.path.join(directory, "live.pcap")
    sender, receiver = start("a", LIVE, "eth0"), start("b", LIVE, "-r", "eth0")
    dumper = start("b", "dumpcap", "-i", "eth0", "-P", "-w", path, stderr=subprocess.PIPE)
    try:
        await_line(sender.stdout, "attached")
        await_line(receiver.stdout, "attached")
        await_line(dumper.stderr, "File:")
        child = send([pcap.whole(frame) for frame in one.frames])
        if os.waitpid(child, 0)[1]:
            raise RuntimeError("the call was not sent")
        time.sleep(1)
        found = [capture.read_flows(each.communicate(timeout=30)[0])
                 for each in (sender, receiver)]
        dumper.send_signal(signal.SIGINT)
        dumper.communicate(timeout=30)
    finally:
        for each in (sender, receiver, dumper):
            if each.poll() is None:
                each.kill()
                each.wait()
    return (*found, one.other(pcap.read(path)[1]))


def attempt(one):
    """Sends the call once; returns how many problems there are."""
    with tempfile.TemporaryDirectory() as directory:
        try:
            build()
            sent, received, came = run(one, directory)
        finally:
            for host in "ab":
                subprocess.run(("ip", "netns", "del", f"{PREFIX}-{host}"), check=False)
        theirs = judge.tshark(judge.describe([came], directory)[0])
    compared, failed = judge.compare(came, "as received", received, theirs)
    if compared != len(one.streams()):
        failed += 1
        print(f"{compared} streams came of {len(one.streams())}")
    failed += judge.compare(came, "by the sender's clock", sent, theirs, **OWN_CLOCK)[1]
    print(f"{compared} streams compared, {failed} problems")
    return failed


def main():
    for program in ("tshark", "dumpcap"):
        if not shutil.which(program):
            print(f"skipped: there is no {program}")
            return 77
    if not capture.can_load(LIVE):
        return 77
    one = next(one for one in capture.load_all() if one.name == CALL)
    end = one.frames[0].when + SECONDS * 10**9
    one = one.other([frame for frame in one.frames if frame.when < end])
    one = one.worsen(1, jitter_ms=10, loss=0.02)
    # a machine that stands still for half a second spoils the clock's beginning
    return 0 if any(attempt(one) == 0 for _ in range(ATTEMPTS)) else 1


if __name__ == "__main__":
    sys.exit(main())
