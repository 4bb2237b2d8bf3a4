# SPDX-License-Identifier: GPL-2.0-or-later
"""run-harness.py NAME PROGRAM SECONDS: one libFuzzer harness on its corpus.

The corpus is corpus/NAME.tar.gz, and what is made afresh of real things: the captures of
tests/fixtures, this kernel's answers, the files that p2sd ships.  What crashed is kept in
the build directory.  P2S_CORPUS_OUT=DIR: leaves there what covers all that was found.
"""
import glob
import gzip
import os
import re
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
SOURCE = os.path.realpath(os.path.join(HERE, "..", ".."))
RTM = {"link": (18, 4), "qdisc": (38, 6), "filter": (46, 10), "route": (26, 12), "address": (22, 14)}
QUESTIONS = 14  # of fuzz-netlink.c
LAST = 0x08  # of fake-netlink.c: ends a datagram


def frames(path):
    with gzip.open(path) as f:
        order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(f.read(24)[:4])
        while order and (head := f.read(16)):
            yield f.read(struct.unpack(order + "4I", head)[2])


def packets():
    """Some of each capture; of the linear part once all, once the headers alone."""
    for path in sorted(glob.glob(os.path.join(SOURCE, "tests", "fixtures", "*.pcap.gz"))):
        for i, frame in enumerate(frames(path)):
            if i % 97 == 0:
                yield bytes([3, 0, 0, 0, 0, 0]) + frame[:200]
                yield bytes([1, 34, 0, 0, 0, 0]) + frame[:200]


def answers(family, kind, body):
    """The payloads of the kernel's answer to a dump."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family) as s:
        s.settimeout(5)
        s.send(struct.pack("=IHHII", 16 + len(body), kind, 0x301, 1, 0) + body)
        while True:
            data = s.recv(1 << 17)
            while len(data) >= 16:
                size, type_ = struct.unpack("=IH", data[:6])
                if type_ in (2, 3):
                    return
                yield data[16:size]
                data = data[(size + 3) & ~3:]


def message(index, payload):
    return bytes([index, LAST]) + struct.pack(">H", len(payload)) + payload


def netlink():
    for kind, index in RTM.values():
        body = b"\0" * (20 if kind == 38 or kind == 46 else 16)
        all_of_them = b"".join(message(index, p) for p in answers(0, kind, body))[:4000]
        for question in range(QUESTIONS):
            yield bytes([question]) + all_of_them
    yield from tunnels()


def attribute(kind, payload):
    return struct.pack("=HH", 4 + len(payload), kind) + payload + bytes(-len(payload) % 4)


def tunnels():
    """Far ends: of GRE, VXLAN and WireGuard, by <linux/if_tunnel.h>, if_link.h, wireguard.h."""
    four, six = socket.inet_aton("192.0.2.1"), socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    mark = attribute(20, struct.pack("=I", 7))
    for question, data in ((11, attribute(7, six) + attribute(1, struct.pack("=I", 3)) + mark),
                           (12, attribute(2, four)), (12, attribute(16, six))):
        info = attribute(18, attribute(2, data))
        yield bytes([question]) + message(RTM["link"][1], bytes(16) + info)
    v4 = struct.pack("=H", socket.AF_INET) + struct.pack(">H", 51820) + four + bytes(8)
    v6 = struct.pack("=H", socket.AF_INET6) + struct.pack(">HI", 51820, 0) + six + bytes(4)
    peers = b"".join(attribute(0, attribute(4, end) + attribute(9, attribute(0, attribute(3, bytes([n])))))
                     for end, n in ((v4, 24), (v6, 0)))
    yield (bytes([13]) + message(15, bytes(4) + attribute(1, struct.pack("=H", 28)))
           + message(17, bytes(4) + attribute(7, struct.pack("=I", 9)) + attribute(8, peers)))


def sockets():
    for family in (socket.AF_INET, socket.AF_INET6):
        body = struct.pack("=BBBBI", family, 17, 0, 0, 0xffffffff) + b"\0" * 48
        yield b"".join(message(16, p) for p in answers(4, 20, body))[:4000]


def texts():
    for pattern in ("daemon/p2sd.conf", "daemon/apps.conf", "tests/fuzz/seeds/*"):
        for path in glob.glob(os.path.join(SOURCE, pattern)):
            with open(path, "rb") as f:
                text = f.read()
            yield text
            yield text.replace(b"\n#", b"\n")


SEEDS = {"packet": packets, "netlink": netlink, "sockets": sockets, "config": texts, "state": texts}


def fill(directory, name):
    stored = os.path.join(HERE, "corpus", name + ".tar.gz")
    if os.path.exists(stored):
        with tarfile.open(stored) as tar:
            tar.extractall(directory)
    for i, seed in enumerate(SEEDS[name]()):
        with open(os.path.join(directory, f"seed-{i}"), "wb") as f:
            f.write(seed)


def main(name, program, seconds):
    found = os.path.join(os.environ.get("P2S_BUILD", "."), f"fuzz-{name}-")
    # what a shared library of the system's leaks at its end is not looked for
    env = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1",
           "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
    with tempfile.TemporaryDirectory() as directory:
        fill(directory, name)
        done = subprocess.run([program, f"-max_total_time={seconds}", "-timeout=20",
                               "-rss_limit_mb=1024", "-max_len=4096", "-print_final_stats=1",
                               f"-artifact_prefix={found}", directory],
                              capture_output=True, text=True, errors="replace", env=env, check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = os.environ.get("P2S_CORPUS_OUT")
        if out and done.returncode == 0:
            small = os.path.join(out, name)
            shutil.rmtree(small, ignore_errors=True)
            os.makedirs(small)
            subprocess.run([program, "-merge=1", small, directory], capture_output=True, check=True,
                           env=env)
    numbers = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
    state = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", done.stderr)
    executions = int(numbers.get("number_of_executed_units", 0))
    if state:
        print(f"{name}: {executions} executions, {state[-1][0]} edges, {state[-1][1]} features, "
              f"{state[-1][2]} inputs, {numbers.get('peak_rss_mb')} MB, "
              f"{spent.ru_utime + spent.ru_stime:.0f} s of CPU")
    if done.returncode != 0 or executions < 500:
        print(done.stdout[-2000:], done.stderr[-6000:])
        print(f"status {done.returncode}; what it was: {found}*")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
