# SPDX-License-Identifier: GPL-2.0-or-later
"""The running daemon and real processes' sockets: ports it hints at, names of calls.

The kernel is the real one, in a network namespace of the test's own; what the packet
programs are told is read from their map of ports.
"""
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "dbus"))
import private_bus
from private_bus import sh, wait_for

BUILD = os.environ.get("P2S_BUILD", os.path.join(private_bus.SOURCE, "build"))
RTPCALL = os.path.join(BUILD, "tests", "lab", "rtpcall")
PYTHON = os.path.basename(os.readlink("/proc/self/exe"))
APPS = "/run/p2s/apps.conf.d"
MEDIA, VOICE = 0x80, 3
SOON = 1.0 + 0.1  # seconds in which a new socket is seen: a look each, and what this test takes
PATIENCE = 5.0  # … and until what else was begun is, on a busy machine

LIST = f"""[All]
Exclude=443
[App Test Caller]
Exe=rtpcall
[App Python]
Exe={PYTHON}
"""


def udp(port, remote=None):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("0.0.0.0", port))
    if remote:
        s.connect(remote)
    return s


class SocketsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sh("mount -t tmpfs tmpfs /run")
        os.makedirs(APPS)
        cls.bus = private_bus.PrivateBus(polkit=False)
        sh("ip netns add far")
        sh("ip link add p2sA type veth peer name p2sB netns far")
        sh("ip addr add 192.0.2.1/24 dev p2sA; ip link set p2sA up")
        sh("ip -n far addr add 192.0.2.2/24 dev p2sB; ip -n far link set p2sB up")

    @classmethod
    def tearDownClass(cls):
        cls.bus.close()
        sh("ip netns del far")

    def setUp(self):
        self.processes = []
        self.write_list(LIST)
        self.bus.start_daemon()
        self.ok("SetLink", "stta{sv}", "p2sA", 0, 0, 0)
        self.ok("SetMode", "s", "monitor")

    def tearDown(self):
        for p in self.processes:
            self.bus.stop_process(p)
        self.assertEqual(self.bus.stop_daemon(), 0)
        sh(f"rm -rf {self.bus.dir}/state/* {self.bus.dir}/run/*")

    @staticmethod
    def write_list(text):
        with open(os.path.join(APPS, "test.conf"), "w", encoding="utf-8") as f:
            f.write(text)

    def ok(self, *args):
        return self.bus.ok(*args)

    def start(self, *command):
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.processes.append(p)
        return p

    def stop(self, process):
        self.bus.stop_process(process)
        self.processes.remove(process)

    def call_between(self, caller, port=40002, seconds=30):
        """A two-way call with the far end; the caller's process."""
        self.start("ip", "netns", "exec", "far", RTPCALL, "--listen", "--local", "40000",
                   "--seconds", str(seconds))
        time.sleep(0.2)
        return self.start(caller, "--peer", "192.0.2.2:40000", "--local", str(port),
                          "--seconds", str(seconds))

    def port(self, number):
        return self.bus.port(number)

    def wait_port(self, number, value, patience=PATIENCE):
        """Seconds after which the port was that; fails if it was not by then."""
        begin = time.monotonic()
        while True:
            after = time.monotonic() - begin  # before it is read, which takes a while
            now = self.port(number)
            if now == value:
                return after
            self.assertLess(after, patience, f"port {number} is {now:#x}")

    def calls(self):
        return [{k: v["data"] for k, v in c.items()} for c in self.ok("GetCalls")[0]]

    def named(self):
        calls = self.calls()
        return calls and calls[0].get("Process")

    # -- hints --

    def test_port_comes_and_goes_with_its_socket(self):
        waits = []
        for _ in range(3):
            self.assertEqual(self.port(40020), 0)
            with udp(40020):
                waits.append(self.wait_port(40020, MEDIA))
            waits.append(self.wait_port(40020, 0))
        # each began right after a look, so each is as long as it can be
        print(f"seen after {statistics.median(waits):.2f} s, {max(waits):.2f} s at most")
        self.assertLess(statistics.median(waits), SOON)

    def test_port_goes_with_its_process(self):
        p = self.start(RTPCALL, "--listen", "--local", "40002")
        self.wait_port(40002, MEDIA)
        p.kill()
        self.wait_port(40002, 0)

    def test_hint_is_beside_the_users_class(self):
        self.ok("AddPorts", "qqss", 40002, 40002, "voice", "")
        p = self.start(RTPCALL, "--listen", "--local", "40002")
        self.wait_port(40002, MEDIA | VOICE)
        self.ok("RemovePorts", "qq", 40002, 40002)
        self.assertEqual(self.port(40002), MEDIA)
        self.ok("AddPorts", "qqss", 40002, 40003, "voice", "")
        self.assertEqual([self.port(40002), self.port(40003)], [MEDIA | VOICE, VOICE])
        self.stop(p)
        self.wait_port(40002, VOICE)

    def test_which_sockets_count(self):
        other = os.path.join(self.bus.dir, "othercall")
        shutil.copy(RTPCALL, other)
        self.start(other, "--listen", "--local", "40010")
        with udp(40020), udp(40021, ("192.0.2.2", 443)), udp(40022, ("192.0.2.2", 9)), udp(1000):
            self.wait_port(40020, MEDIA)
            self.assertEqual([self.port(n) for n in (40010, 40021, 40022, 1000)],
                             [0, 0, MEDIA, 0])
            # connect() makes QUIC's of one that was free
            with udp(40023) as s:
                self.wait_port(40023, MEDIA)
                s.connect(("192.0.2.2", 443))
                self.wait_port(40023, 0)
        self.wait_port(40020, 0)

    def test_hint_is_no_priority(self):
        """A browser's other traffic goes by such ports, too."""
        with udp(40020) as s:
            self.wait_port(40020, MEDIA)
            for i in range(500):  # the fixed bit and a connection id, as QUIC has them
                s.sendto(bytes([0x40 | i % 64]) + b"8bytesid" + os.urandom(1000),
                         ("192.0.2.2", 8443))
        for row in self.ok("GetStats")[0]["Classes"]["data"]:
            if row["Class"]["data"] != "general":
                self.assertEqual(row["Packets"]["data"], 0, row)
        self.assertEqual(self.calls(), [])

    def test_other_namespace(self):
        self.start("ip", "netns", "exec", "far", RTPCALL, "--listen", "--local", "40002")
        self.start(RTPCALL, "--listen", "--local", "40003")
        self.wait_port(40003, MEDIA)
        self.assertEqual(self.port(40002), 0)

    def test_socket_that_outlives_its_process(self):
        """It is then whose it is: a child's, that is not of the list."""
        script = ("import os, socket, sys\n"
                  "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                  "s.bind(('0.0.0.0', 40030))\n"
                  "if os.fork() == 0:\n"
                  "    os.set_inheritable(s.fileno(), True)\n"
                  "    os.execvp('sleep', ['sleep', '5'])\n"
                  "sys.stdin.read()\n")
        p = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
        self.processes.append(p)
        self.wait_port(40030, MEDIA)
        p.stdin.close()
        p.wait()
        self.wait_port(40030, 0)

    def test_reload(self):
        self.start(RTPCALL, "--listen", "--local", "40002")
        self.wait_port(40002, MEDIA)
        self.write_list("[App Test Caller]\nExe=somebody\n")
        self.ok("Reload")
        self.wait_port(40002, 0)
        self.write_list(LIST)
        self.ok("Reload")
        self.wait_port(40002, MEDIA)

    def test_off_does_nothing(self):
        def wakeups():
            with open(f"/proc/{self.bus.daemon.pid}/status", encoding="ascii") as f:
                return [line for line in f if "voluntary_ctxt" in line]
        self.start(RTPCALL, "--listen", "--local", "40002")
        self.wait_port(40002, MEDIA)
        self.ok("SetMode", "s", "off")
        self.assertEqual(self.port(40002), 0)
        time.sleep(0.5)  # what SetMode brought about
        before = wakeups()
        time.sleep(2.5)
        self.assertEqual(wakeups(), before)
        self.assertEqual(self.port(40002), 0)
        self.ok("SetMode", "s", "monitor")
        self.wait_port(40002, MEDIA)

    # -- names --

    def test_call_has_the_programs_name(self):
        p = self.call_between(RTPCALL)
        wait_for(self.calls, 2)
        wait_for(self.named, PATIENCE)
        call = self.calls()[0]
        self.assertEqual((call["Process"], call["ProcessId"]), ("Test Caller", p.pid))
        self.assertEqual(call["LocalPort"], 40002)
        # the name stays while the call is remembered, the number does not
        self.stop(p)
        self.wait_port(40002, 0)
        call = self.calls()[0]
        self.assertEqual(call["Process"], "Test Caller")
        self.assertNotIn("ProcessId", call)

    def test_other_programs_by_what_they_call_themselves(self):
        """Any bytes: they must not break the answer for the other calls."""
        other = os.fsencode(self.bus.dir) + b"/c\xe9ll\xff"
        shutil.copy(RTPCALL, other)
        p = self.call_between(other)
        wait_for(self.named, 4)
        call = self.calls()[0]
        self.assertEqual((call["Process"], call["ProcessId"]), ("c?ll?", p.pid))

    def test_forwarded_call_is_not_a_local_sockets(self):
        """Only the socket's port is that of a call between two others."""
        with udp(40002):
            self.wait_port(40002, MEDIA)
            sh("ip addr del 192.0.2.1/24 dev p2sA; ip addr add 192.0.2.9/24 dev p2sA")
            sh("ip netns add near; ip link add p2sC type veth peer name p2sD netns near")
            sh("ip link add p2sbr type bridge; ip link set p2sC master p2sbr up")
            sh("ip -n near addr add 192.0.2.1/24 dev p2sD; ip -n near link set p2sD up")
            sh("ip link set p2sA master p2sbr; ip link set p2sbr up")
            try:
                self.start("ip", "netns", "exec", "far", RTPCALL, "--listen", "--local", "40000")
                time.sleep(0.2)
                self.start("ip", "netns", "exec", "near", RTPCALL, "--peer", "192.0.2.2:40000",
                           "--local", "40002")
                wait_for(self.calls, 4)
                time.sleep(2)
                self.assertNotIn("Process", self.calls()[0])
            finally:
                for p in list(self.processes):
                    self.stop(p)
                sh("ip netns del near; ip link del p2sbr; ip addr flush dev p2sA")
                sh("ip addr add 192.0.2.1/24 dev p2sA")

    # -- cost --

    def test_cost(self):
        """A look at 1,000 sockets takes less than 1 ms of the daemon's CPU time."""
        def usec_per_s():
            path = f"/proc/{self.bus.daemon.pid}/schedstat"

            def read():
                with open(path, encoding="ascii") as f:
                    return int(f.read().split()[0]) / 1000
            time.sleep(2.5)  # the first looks
            begin, at = read(), time.monotonic()
            time.sleep(6)
            return (read() - begin) / (time.monotonic() - at)
        idle = usec_per_s()
        sockets = [udp(20000 + i) for i in range(1000)]
        full = usec_per_s()
        self.assertEqual(self.port(20999), MEDIA)
        for s in sockets:
            s.close()
        look = (full - idle) * 0.88  # a look each 0.85 to 0.9 s
        print(f"p2sd: {idle:.0f} µs a second without sockets, {full:.0f} with 1,000: "
              f"{look:.0f} µs a look")
        self.assertLess(look, 1000)


if __name__ == "__main__":
    private_bus.enter_namespaces()
    if not os.path.exists(RTPCALL):
        private_bus.skip(f"needs {RTPCALL}: build first")
    unittest.main(verbosity=2)
