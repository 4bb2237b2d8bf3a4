# SPDX-License-Identifier: GPL-2.0-or-later
"""A connection of its own to org.p2s.Manager, for a user of the test's choice.

Reads lines of JSON, {"id", "member", "args" (GVariant text), "interactive"}, calls at
once without waiting, and writes {"id", "error" or "result"} as the answers come.
"""
import json
import sys

from gi.repository import Gio, GLib

NAME, PATH = "org.p2s.Manager", "/org/p2s/Manager"


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
