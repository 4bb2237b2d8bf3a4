# SPDX-License-Identifier: GPL-2.0-or-later
"""p2sd in a namespace of the lab, on a system bus of its own."""

import os
import shutil
import subprocess
import tempfile
import time

from . import call, entered, line as line_module

NAME, PATH = "org.p2s.Manager", "/org/p2s/Manager"
# Seconds for something to start or answer.  In a VM with virtual time, waiting for the
# disk is idle time, which is skipped: minutes pass there in a moment.
PATIENCE = 20 if "P2S_VM" not in os.environ else 3600


class Daemon(entered.Entered):
    """p2sd, for the length of a `with`.  Its bus is open to every user of the machine,
    as a system bus is; what they may do there, the bus policy and p2sd decide."""

    def __init__(self, line, source, build, role="caller"):
        self.line, self.role = line, role
        self.source, self.build = source, build
        self.directory = self.bus = self.p2sd = self.log = None

    @property
    def binary(self):
        return os.path.join(self.build, "daemon", "p2sd")

    @property
    def address(self):
        return f"unix:path={self.directory}/bus"

    def __exit__(self, *exc):
        for process in (self.p2sd, self.bus):  # p2sd puts everything back on SIGTERM
            if process:
                call.stop(process, patience=10)
        if self.log:
            self.log.close()
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self):
        self.directory = tempfile.mkdtemp(prefix="p2s-bus-")
        os.chmod(self.directory, 0o755)
        config = os.path.join(self.directory, "bus.conf")
        with open(os.path.join(self.source, "tests", "lab", "bus.conf.in"),
                  encoding="utf-8") as f:
            text = f.read().format(directory=self.directory, policy=os.path.join(
                self.source, "data", "dbus", "org.p2s.Manager.conf"))
        with open(config, "w", encoding="utf-8") as f:
            f.write(text)
        self.bus = subprocess.Popen(
            self.line.exec(self.role, "dbus-daemon", "--nofork", "--nopidfile",
                           f"--config-file={config}"), **call.QUIET)
        self._wait_for(lambda: os.path.exists(os.path.join(self.directory, "bus")), self.bus,
                       "dbus-daemon")
        env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.address)
        for kind in ("STATE", "RUNTIME"):
            env[f"{kind}_DIRECTORY"] = os.path.join(self.directory, kind.lower())
            os.mkdir(env[f"{kind}_DIRECTORY"], 0o700)
        self.log = open(os.path.join(self.directory, "p2sd.log"), "w+", encoding="utf-8")
        self.p2sd = subprocess.Popen(self.line.exec(self.role, self.binary), env=env,
                                     stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                     start_new_session=True)
        self._wait_for(self._owned, self.p2sd, "p2sd")

    def _owned(self):
        return "true" in self._busctl("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                      "org.freedesktop.DBus", "NameHasOwner", "s", NAME)

    def _wait_for(self, ready, process, name, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start\n{self.messages()}")
            time.sleep(0.05)

    def _busctl(self, *argv):
        return line_module.run("busctl", f"--address={self.address}", f"--timeout={PATIENCE}",
                               "call", *argv)

    def call(self, member, *arguments):
        """Calls a method of the manager; busctl's answer, or RuntimeError with the error's."""
        return self._busctl(NAME, PATH, NAME, member, *map(str, arguments))

    def messages(self):
        """What p2sd has logged."""
        if not self.log:
            return ""
        with open(self.log.name, encoding="utf-8", errors="replace") as f:
            return f.read()

    def set_link(self, link, uplink_bps, downlink_bps, when="call"):
        self.call("SetLink", "stta{sv}", link, uplink_bps, downlink_bps, 1, "when", "s", when)

    def manage(self, link, uplink_bps, downlink_bps, when="call"):
        """Gives p2sd the link and the lab's call."""
        self.set_link(link, uplink_bps, downlink_bps, when)
        self.call("AddPorts", "qqss", call.ANSWER_PORT, call.ANSWER_PORT, "voice", "lab")
