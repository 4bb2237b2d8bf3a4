# SPDX-License-Identifier: GPL-2.0-or-later
"""A two-way RTP call and TCP load across a line, as processes in its namespaces."""

import json
import os
import shutil
import signal
import subprocess
import time

from . import line as line_module

CALL_PORT, ANSWER_PORT = 40002, 40000
LOAD_PORTS = {"up": 5201, "down": 5202, "udp": 5203, "udp-down": 5204}
FLOOD_BYTES = 1400  # of a flood's datagram
# a session of its own: Ctrl-C is for us, who then end it in order
QUIET = dict(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
             start_new_session=True)


def find_rtpcall(build, scratch):
    """The built rtpcall, or one compiled into `scratch` where the tree is not built."""
    built = os.path.join(build, "tests", "lab", "rtpcall")
    if os.access(built, os.X_OK):
        return built
    source = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    made = os.path.join(scratch, "rtpcall")
    if not os.path.exists(made):
        line_module.run(shutil.which("cc") or "gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-o",
                        made, *(os.path.join(source, f"{c}.c") for c in
                                ("rtpcall", "call", "calllog")), "-lpthread")
    return made


def stop(process, sig=signal.SIGTERM, patience=5):
    """Ends a process, by force if it does not go."""
    if process.poll() is None:
        process.send_signal(sig)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Call:
    """Both ends of a call; begins at once.  dscp: what both mark their packets with."""

    def __init__(self, line, rtpcall, scratch, name, seconds, dscp=0, live=False):
        self.csv = {side: os.path.join(scratch, f"{name}-{side}.csv")
                    for side in ("caller", "callee")}
        common = ["--seconds", str(seconds), "--dscp", str(dscp)] + (["--live"] if live else [])
        out = subprocess.PIPE if live else subprocess.DEVNULL
        self.callee = subprocess.Popen(
            line.exec("callee", rtpcall, "--listen", "--local", str(ANSWER_PORT),
                      "--csv", self.csv["callee"], *common),
            stdin=subprocess.DEVNULL, stdout=out, start_new_session=True)
        time.sleep(0.1)  # so that the first packet finds it listening
        self.caller = subprocess.Popen(
            line.exec("caller", rtpcall, "--peer", f"{line_module.CALLEE}:{ANSWER_PORT}",
                      "--local", str(CALL_PORT), "--csv", self.csv["caller"], *common),
            stdin=subprocess.DEVNULL, stdout=out, start_new_session=True)

    def wait(self):
        for process in (self.caller, self.callee):
            if process.wait():
                raise RuntimeError(f"rtpcall ended with status {process.returncode}")

    def stop(self):
        for process in (self.caller, self.callee):
            stop(process)


class Load:
    """Parallel TCP flows each way through iperf3, each at up to 1 Gbit/s; begins at once.
    directions: of "up", "down", and "udp" and "udp-down", floods at twice the line's rate,
    in so many streams.
    congestion: of both ends; Cubic is what Debian has, whatever this machine's default is."""

    def __init__(self, line, scratch, seconds, flows=20, directions=("up", "down"),
                 congestion="cubic", udp_streams=1):
        self.servers, self.clients, self.results = [], {}, {}
        for direction in directions:
            self.servers.append(subprocess.Popen(
                line.exec("callee", "iperf3", "-s", "-p", str(LOAD_PORTS[direction])), **QUIET))
        time.sleep(0.3)
        # downloads first: they could hardly connect through an uplink that is full
        for direction in sorted(directions):
            self.results[direction] = os.path.join(scratch, f"iperf3-{direction}.json")
            with open(self.results[direction], "w", encoding="utf-8") as out:
                rate = line.down_bps if direction == "udp-down" else line.up_bps
                kind = (["-u", "-P", str(udp_streams), "-b", str(2 * rate // udp_streams),
                         "-l", str(FLOOD_BYTES)]
                        if direction.startswith("udp") else
                        ["-P", str(flows), "-b", "1G", "--pacing-timer", "100000", "-C", congestion])
                self.clients[direction] = subprocess.Popen(
                    line.exec("caller", "iperf3", "-c", line_module.CALLEE, "-p",
                              str(LOAD_PORTS[direction]), *kind, "-t", str(seconds),
                              "-i", "1", "-J", *(["-R"] if direction in ("down", "udp-down") else [])),
                    stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL,
                    start_new_session=True)
            time.sleep(0.5)

    def ended_early(self):
        return [d for d, c in self.clients.items() if c.poll() is not None]

    def stop(self):
        for process in [*self.clients.values(), *self.servers]:
            stop(process)

    def retransmits(self, direction):
        """TCP segments sent again in the whole run; None where iperf3 did not say."""
        try:
            with open(self.results[direction], encoding="utf-8") as f:
                return json.load(f)["end"]["sum_sent"].get("retransmits")
        except (OSError, ValueError, KeyError):
            return None
