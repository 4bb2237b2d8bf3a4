# SPDX-License-Identifier: GPL-2.0-or-later
"""What a screen reader reads of a program: AT-SPI, as at-spi2-core's XML describes it.

libatspi asks one thing of one widget at a time and waits for each answer; here a whole
level of the tree is asked at once, which makes a look at a window several times cheaper."""

import time
from collections import namedtuple

from gi.repository import Gio, GLib

ACCESSIBLE = "org.a11y.atspi.Accessible"
ROOT = "/org/a11y/atspi/accessible/root"
# AtspiStateType and AtspiRole; what is not listed is told by its number.
CHECKED, EXPANDED, FOCUSED, SENSITIVE, VISIBLE = 4, 10, 12, 24, 30
ROLES = {2: "alert", 7: "check box", 11: "combo box", 16: "dialog", 20: "filler", 23: "frame", 27: "image",
         29: "label", 31: "list", 32: "list item", 33: "menu", 35: "menu item", 37: "page tab", 39: "panel",
         43: "push button", 44: "radio button", 52: "spin button", 61: "text", 62: "toggle button",
         69: "window", 79: "entry", 83: "heading", 99: "grouping"}


class Node(namedtuple("Node", "bus path role name description states")):
    def has(self, state):
        return bool(self.states >> state & 1)


class Reader:
    """The bus on which programs tell of their windows."""

    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None,
                                    GLib.VariantType("(s)"), Gio.DBusCallFlags.NONE, 10000).unpack()[0]
        self.connection = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        self.connection.set_exit_on_close(False)
        self.focus = None  # (bus, path) of what got the keyboard last
        self.connection.signal_subscribe(None, "org.a11y.atspi.Event.Object", "StateChanged", None, "focused",
                                         Gio.DBusSignalFlags.NONE, self.on_focus)
        self.ask([("org.a11y.atspi.Registry", "/org/a11y/atspi/registry", "org.a11y.atspi.Registry", "RegisterEvent",
                   GLib.Variant("(sass)", ("object:state-changed:focused", [], "")))])

    def on_focus(self, connection, bus, path, interface, signal, parameters):
        if parameters.unpack()[1]:
            self.focus = bus, path

    def ask(self, questions):
        """Answers to (bus, path, interface, method, parameters), each unpacked, asked at
        once; None for what is gone."""
        answers, waiting = [None] * len(questions), [len(questions)]

        def on_answer(connection, result, i):
            try:
                answers[i] = connection.call_finish(result).unpack()
            except GLib.Error:
                pass  # it went away while it was looked at
            waiting[0] -= 1

        for i, (bus, path, interface, method, parameters) in enumerate(questions):
            self.connection.call(bus, path, interface, method, parameters, None, Gio.DBusCallFlags.NONE, 10000, None,
                                 on_answer, i)
        context = GLib.MainContext.default()
        while waiting[0] > 0:
            context.iteration(True)
        return answers

    def windows(self, pid):
        """The windows of a process, (bus, path) each."""
        programs = self.children([("org.a11y.atspi.Registry", ROOT)])[0]
        pids = self.ask([("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                          GLib.Variant("(s)", (bus,))) for bus, _ in programs])
        mine = [program for program, answer in zip(programs, pids) if answer == (pid,)]
        return [window for windows in self.children(mine) for window in windows]

    def children(self, references):
        answers = self.ask([(bus, path, ACCESSIBLE, "GetChildren", None) for bus, path in references])
        return [answer[0] if answer else [] for answer in answers]

    def look(self, references):
        """A Node for each; None for what is gone."""
        n = len(references)
        questions = [(bus, path, "org.freedesktop.DBus.Properties", "GetAll", GLib.Variant("(s)", (ACCESSIBLE,)))
                     for bus, path in references]
        for method in ("GetRole", "GetState"):
            questions += [(bus, path, ACCESSIBLE, method, None) for bus, path in references]
        answers = self.ask(questions)
        nodes = []
        for i, (bus, path) in enumerate(references):
            properties, role, states = answers[i], answers[n + i], answers[2 * n + i]
            if not (properties and role and states):
                nodes.append(None)
                continue
            low, high = states[0]
            nodes.append(Node(bus, path, ROLES.get(role[0], str(role[0])), properties[0].get("Name", ""),
                              properties[0].get("Description", ""), low | high << 32))
        return nodes

    def visible(self, windows):
        """All that can be seen in the windows, in reading order."""
        below, nodes, level = {}, {}, list(windows)
        while level:
            seen = []
            for reference, node in zip(level, self.look(level)):
                if node and node.has(VISIBLE):
                    nodes[reference] = node
                    seen.append(reference)
            level = []
            for reference, children in zip(seen, self.children(seen)):
                below[reference] = children
                level += children

        def read(reference):
            if reference in nodes:
                yield nodes[reference]
                for child in below[reference]:
                    yield from read(child)

        return [node for window in windows for node in read(window)]

    def focus_after(self, act):
        """What got the keyboard by what act() does; None where nothing is told."""
        self.focus, end = None, time.monotonic() + 0.3
        act()
        context = GLib.MainContext.default()
        while not self.focus and time.monotonic() < end:
            if not context.iteration(False):
                time.sleep(0.005)
        return self.look([self.focus])[0] if self.focus else None

    def press(self, node):
        """Does what a click on it does."""
        self.ask([(node.bus, node.path, "org.a11y.atspi.Action", "DoAction", GLib.Variant("(i)", (0,)))])
