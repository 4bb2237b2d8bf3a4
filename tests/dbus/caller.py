# SPDX-License-Identifier: GPL-2.0-or-later
"""A connection of its own to org.p2s.Manager, for a user of the test's choice: Caller
starts one.

Run, it reads lines of JSON, {"id", "member", "args" (GVariant text), "interactive"}, calls at
once without waiting, and writes {"id", "error" or "result"} as the answers come.
"""
import json
import os
import subprocess
import sys

import private_bus
from gi.repository import Gio, GLib

NAME, PATH = "org.p2s.Manager", "/org/p2s/Manager"


def pump(what, timeout=20.0):
    """Serves the agent until what() is true."""
    context = GLib.MainContext.default()

    def tried():
        while context.iteration(False):
            pass
        return what()
    return private_bus.wait_for(tried, timeout)


class Caller:
    """Such a process, as that user."""

    def __init__(self, bus, uid):
        command = [sys.executable, os.path.realpath(__file__)]
        if uid:
            command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=bus.environ)
        self.answers, self.last, self.rest = {}, 0, b""
        os.set_blocking(self.process.stdout.fileno(), False)
        pump(lambda: None in self.read())
        self.name = self.answers[None]["result"]
        self.pid = self.process.pid

    def read(self):
        """All answers so far, by number; the connection's name is that of None."""
        try:
            self.rest += os.read(self.process.stdout.fileno(), 1 << 16)
        except BlockingIOError:
            pass
        *lines, self.rest = self.rest.split(b"\n")
        for line in lines:
            answer = json.loads(line)
            self.answers[answer["id"]] = answer
        return self.answers

    def send(self, member, args=None, interactive=False):
        self.last += 1
        line = {"id": self.last, "member": member, "args": args, "interactive": interactive}
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        self.process.stdin.flush()
        return self.last

    def wait(self, number):
        """The error's name, or None."""
        pump(lambda: number in self.read())
        return self.answers[number].get("error")

    def call(self, *args, **kw):
        return self.wait(self.send(*args, **kw))

    def leave(self):
        if self.process.stdin.closed:
            return
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def main():
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
    print(json.dumps({"id": None, "result": bus.get_unique_name()}), flush=True)
    stdin = GLib.IOChannel.unix_new(0)
    loop = GLib.MainLoop()

    def done(_, result, number):
        out = {"id": number}
        try:
            out["result"] = bus.call_finish(result).print_(False)
        except GLib.Error as e:
            out["error"] = Gio.DBusError.get_remote_error(e) or e.message
            Gio.DBusError.strip_remote_error(e)
            out["message"] = e.message
        print(json.dumps(out), flush=True)

    def on_line(*_):
        line = sys.stdin.readline()
        if not line:
            loop.quit()
            return False
        call = json.loads(line)
        flags = (Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION if call.get("interactive")
                 else Gio.DBusCallFlags.NONE)
        args = call.get("args")
        bus.call(NAME, PATH, NAME, call["member"],
                 GLib.Variant.parse(None, args) if args else None, None, flags, 60000, None,
                 done, call["id"])
        return True

    sys.stdin.reconfigure(line_buffering=True)
    GLib.io_add_watch(stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP,
                      on_line)
    loop.run()


if __name__ == "__main__":
    main()
