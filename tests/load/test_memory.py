# SPDX-License-Identifier: GPL-2.0-or-later
"""What p2sd's memory is with 10,000 RTP flows to hundreds of hosts, read every second and
asked for.  The figures are printed: now (VmRSS) and the most there ever was (VmHWM).
"""
import json
import os
import socket
import struct
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "dbus"))
import private_bus
from private_bus import wait_for

HOSTS, PORTS, STREAMS = 250, 10, 4
FLOWS, CALLS = HOSTS * PORTS * STREAMS, HOSTS * PORTS
PACKETS, ROUND = 4, 0.03  # of each flow; seconds between two of one
AT_ONCE = 50 * PORTS * STREAMS  # flows whose packets come in turns
RSS_MAX_KIB = 12_000_000 // 1024


def checksum(header):
    total = sum(struct.unpack(f">{len(header) // 2}H", header))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def frame(flow, number):
    """One of PCMU, of 20 bytes, out by p2sA; without the UDP checksum, which IPv4 may be."""
    host, port = flow // (PORTS * STREAMS), flow // STREAMS % PORTS
    rtp = struct.pack(">BBHII", 0x80, 0, number, 160 * number, flow + 1) + bytes(20)
    udp = struct.pack(">HHHH", 40000, 20000 + 2 * port, 8 + len(rtp), 0) + rtp
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                     socket.inet_aton("192.0.2.1"), bytes((198, 51, 100, 1 + host)))
    ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
    return b"\xff" * 6 + bytes((2, 0, 0, 0, 0, 2)) + b"\x08\x00" + ip + udp


class MemoryTest(unittest.TestCase):
    number = 0  # of the next packet, in each flow

    @classmethod
    def setUpClass(cls):
        cls.bus = private_bus.with_a_link(cls)
        # meson sets it, and it touches memory that p2sd itself does not
        cls.bus.environ.pop("MALLOC_PERTURB_", None)
        cls.bus.start_daemon("--log-level", "err")

    def ok(self, *args):
        return self.bus.ok(*args)

    def watch(self, state):
        status = self.bus.status()
        figures = {name: int(status[name].split()[0])
                   for name in ("VmRSS", "RssAnon", "RssFile", "RssShmem", "VmHWM")}
        print(json.dumps({"state": state, "kib": figures}), flush=True)
        return figures["VmRSS"]

    def send(self):
        """So many more packets of each flow."""
        numbers = range(self.number, self.number + PACKETS)
        self.number += PACKETS
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
            s.bind(("p2sA", 0))
            for first in range(0, FLOWS, AT_ONCE):
                turns = [[frame(flow, n) for flow in range(first, first + AT_ONCE)]
                         for n in numbers]
                for turn in turns:
                    for packet in turn:
                        s.send(packet)
                    time.sleep(ROUND)

    def all_run(self):
        """Sends, and reads the next row of the history; once, but on a machine so busy that
        the first call is over when the last begins."""
        self.send()
        time.sleep(1.2)
        return self.ok("GetHistory", "st", "p2sA", 0)[0][-1][4] == CALLS

    def test_memory(self):
        self.watch("off")
        self.ok("SetLink", "stta{sv}", "p2sA", 0, 0, 0)
        self.ok("SetMode", "s", "monitor")
        time.sleep(1.2)  # a row of the history, a look at the sockets
        rss = [self.watch("monitor, no flow")]
        wait_for(self.all_run, 60, 0)
        rss.append(self.watch(f"{FLOWS} flows, read for the history"))
        self.ok("GetStats")
        flows = self.ok("GetCalls")[0]
        rss.append(self.watch("and for GetCalls"))
        self.assertEqual(sum(len(c["Flows"]["data"]) for c in flows), FLOWS)
        time.sleep(1.2)
        rss.append(self.watch("a second later"))
        self.assertLess(max(rss), RSS_MAX_KIB)


if __name__ == "__main__":
    private_bus.enter_namespaces()
    unittest.main(verbosity=2)
