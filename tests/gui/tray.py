# SPDX-License-Identifier: GPL-2.0-or-later
"""A tray, as a desktop's: org.kde.StatusNotifierWatcher with one host, which shows the
items it is told of and draws their menus; and a service that shows notifications."""

import time

from gi.repository import Gio, GLib

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
NOTIFICATIONS = "org.freedesktop.Notifications"
WATCHER_XML = f"""<node><interface name="{WATCHER}">
  <method name="RegisterStatusNotifierItem"><arg name="service" type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg name="service" type="s" direction="in"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
  <signal name="StatusNotifierHostRegistered"/>
  <signal name="StatusNotifierHostUnregistered"/>
</interface></node>"""
NOTIFICATIONS_XML = f"""<node><interface name="{NOTIFICATIONS}">
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{{sv}}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/></method>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>"""


def wait_for(what, timeout=20.0, message=None):
    """The value of what() once it is true; what the bus tells is heard meanwhile."""
    end, context = time.monotonic() + timeout, GLib.MainContext.default()
    while True:
        while context.iteration(False):
            pass
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(message or f"not within {timeout} s")
        time.sleep(0.02)


class Peer:
    """A connection to the session bus with an object and a name."""

    def __init__(self, address, name, path, xml):
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        self.bus.set_exit_on_close(False)
        self.name, self.path = name, path
        self.bus.register_object(path, Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0], self.on_call, self.on_get, None)
        self.bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
                           GLib.Variant("(su)", (name, 0)), None, Gio.DBusCallFlags.NONE, 10000)

    def on_get(self, bus, sender, path, interface, name):
        raise NotImplementedError(name)

    def ask(self, to, path, interface, method, signature="()", *arguments):
        """The answer, unpacked; a GLib.Error where it is one.  Others are served meanwhile."""
        answers = []
        self.bus.call(to, path, interface, method, GLib.Variant(signature, arguments), None, Gio.DBusCallFlags.NONE,
                      10000, None, lambda bus, result: answers.append(result))
        wait_for(lambda: answers)
        return self.bus.call_finish(answers[0]).unpack()

    def has_owner(self, name):
        return self.ask("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", "(s)", name)[0]

    def emit(self, name, signature="()", *arguments):
        self.bus.emit_signal(None, self.path, self.name, name, GLib.Variant(signature, arguments))

    def close(self):
        if not self.bus.is_closed():
            self.bus.close_sync()


class Tray(Peer):
    """Watcher and host; it has room for one item.  host: somebody shows items from the
    beginning."""

    def __init__(self, address, host=True):
        self.host, self.item = host, None
        self.menu, self.order, self.revision, self.told = {}, [], 0, []
        super().__init__(address, WATCHER, "/StatusNotifierWatcher", WATCHER_XML)
        self.bus.signal_subscribe(None, ITEM, None, "/StatusNotifierItem", None, Gio.DBusSignalFlags.NONE, self.on_item)
        self.bus.signal_subscribe(None, MENU, None, None, None, Gio.DBusSignalFlags.NONE, self.on_menu)

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        self.item = parameters.unpack()[0]
        assert method == "RegisterStatusNotifierItem" and self.item == sender, (method, self.item)
        invocation.return_value(None)

    def on_get(self, bus, sender, path, interface, name):
        return {"RegisteredStatusNotifierItems": GLib.Variant("as", [self.item] if self.item else []),
                "IsStatusNotifierHostRegistered": GLib.Variant("b", self.host),
                "ProtocolVersion": GLib.Variant("i", 0)}[name]

    def set_host(self, host):
        self.host = host
        self.emit("StatusNotifierHostRegistered" if host else "StatusNotifierHostUnregistered")

    def on_item(self, bus, sender, path, interface, signal, parameters):
        self.told.append((signal, *parameters.unpack()))

    def on_menu(self, bus, sender, path, interface, signal, parameters):
        if signal == "LayoutUpdated":
            self.order = []  # as drawn it is out of date
            return
        for item, changed in parameters.unpack()[0]:
            self.menu.setdefault(item, {}).update(changed)

    def property(self, name):
        return self.ask(self.item, "/StatusNotifierItem", "org.freedesktop.DBus.Properties", "Get", "(ss)", ITEM, name)[0]

    def activate(self, method):
        self.ask(self.item, "/StatusNotifierItem", ITEM, method, "(ii)", 0, 0)

    def ask_menu(self, method, signature, *arguments):
        return self.ask(self.item, "/StatusNotifierItem/Menu", MENU, method, signature, *arguments)

    def draw(self):
        """Labels as the menu shows them, a toggle's state before its own; None: a line.  What
        signals told since it was read first is believed."""
        if not self.order:
            self.ask_menu("AboutToShow", "(i)", 0)
            self.revision, (_, _, children) = self.ask_menu("GetLayout", "(iias)", 0, -1, [])
            self.order = [child[0] for child in children]
            self.menu = {child[0]: child[1] for child in children}
        rows = []
        for item in self.order:
            row = self.menu[item]
            if row.get("type") == "separator":
                rows.append(None)
            else:
                mark = {0: "[ ] ", 1: "[x] "}.get(row.get("toggle-state"), "")
                rows.append(mark + row["label"].replace("_", "") + ("" if row.get("enabled", True) else " (grey)"))
        return rows

    def wait_drawn(self, row):
        """Until the menu has this row."""
        last = []

        def drawn():
            last[:] = self.draw()
            return row in last
        try:
            wait_for(drawn)
        except AssertionError:
            raise AssertionError(f"no {row!r} in {last}") from None

    def click(self, label):
        item = next(i for i in self.order if label in self.menu[i].get("label", "").replace("_", ""))
        self.ask_menu("Event", "(isvu)", item, "clicked", GLib.Variant("i", 0), 0)


class Notifications(Peer):
    """open: {id: (title, text, {label: key})} of what is on the screen; count: ever."""

    def __init__(self, address):
        self.open, self.count = {}, 0
        super().__init__(address, NOTIFICATIONS, "/org/freedesktop/Notifications", NOTIFICATIONS_XML)

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        if method == "Notify":
            _, replaces, _, title, text, actions, _, _ = parameters.unpack()
            self.count += not replaces
            shown = replaces or self.count
            self.open[shown] = (title, text, dict(zip(actions[1::2], actions[0::2])))
            invocation.return_value(GLib.Variant("(u)", (shown,)))
        elif method == "CloseNotification":
            shown = parameters.unpack()[0]
            self.open.pop(shown, None)
            invocation.return_value(None)
            self.emit("NotificationClosed", "(uu)", shown, 3)
        elif method == "GetCapabilities":
            invocation.return_value(GLib.Variant("(as)", (["actions", "body"],)))
        else:
            invocation.return_value(GLib.Variant("(ssss)", ("test", "P2S", "1", "1.2")))

    def press(self, label):
        """The button of the notification that has it."""
        shown, key = next((i, actions[label]) for i, (_, _, actions) in self.open.items() if label in actions)
        self.emit("ActionInvoked", "(us)", shown, key)
        # As the specification has it, unless the notification is resident.
        del self.open[shown]
        self.emit("NotificationClosed", "(uu)", shown, 2)
