# SPDX-License-Identifier: GPL-2.0-or-later
"""An authentication agent in the test's own process: who is asked, and what they say.

What polkit-agent-helper does after a right password, answer() does as root.
"""
from gi.repository import Gio, GLib

AUTHORITY = ("org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
             "org.freedesktop.PolicyKit1.Authority")
PATH = "/org/p2s/test/Agent"
XML = """<node><interface name="org.freedesktop.PolicyKit1.AuthenticationAgent">
<method name="BeginAuthentication"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="a{ss}" direction="in"/><arg type="s" direction="in"/>
<arg type="a(sa{sv})" direction="in"/></method>
<method name="CancelAuthentication"><arg type="s" direction="in"/></method>
</interface></node>"""


def process(pid):
    """polkit's subject for a process."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        start = int(f.read().rsplit(")", 1)[1].split()[19])
    return ("unix-process", {"pid": GLib.Variant("u", pid),
                             "start-time": GLib.Variant("t", start)})


class Agent:
    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
        self.questions = {}  # by cookie, unanswered: (action, the call)
        self.cancelled = []  # cookies
        self.slot = self.bus.register_object(
            PATH, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], self.on_call, None, None)

    def on_call(self, _bus, _sender, _path, _interface, method, args, call):
        if method == "BeginAuthentication":
            action, _, _, _, cookie, _ = args.unpack()
            self.questions[cookie] = (action, call)
            return
        (cookie,) = args.unpack()
        self.cancelled.append(cookie)
        if cookie in self.questions:
            self.dismiss(cookie)
        call.return_value(None)

    def sits_before(self, pid):
        """Asked from now on when this process wants something."""
        self.bus.call_sync(*AUTHORITY, "RegisterAuthenticationAgent",
                           GLib.Variant("((sa{sv})ss)", (process(pid), "C", PATH)),
                           None, 0, 20000, None)

    def actions(self):
        return [action for action, _ in self.questions.values()]

    def answer(self, cookie):
        """The right password."""
        root = ("unix-user", {"uid": GLib.Variant("u", 0)})
        self.bus.call_sync(*AUTHORITY, "AuthenticationAgentResponse2",
                           GLib.Variant("(us(sa{sv}))", (0, cookie, root)), None, 0, 20000, None)
        self.questions.pop(cookie)[1].return_value(None)

    def fail(self, cookie):
        """A wrong one."""
        self.questions.pop(cookie)[1].return_value(None)

    def dismiss(self, cookie):
        self.questions.pop(cookie)[1].return_dbus_error(
            "org.freedesktop.PolicyKit1.Error.Cancelled", "dismissed")

    def close(self):
        self.bus.unregister_object(self.slot)
