# SPDX-License-Identifier: GPL-2.0-or-later
"""A screen, a session bus and a panel on it that a test drives by accessibility.

Nothing of the user's own session is touched: the display, both buses and the
settings are the test's."""

import os
import shutil
import subprocess
import sys
import tempfile
import time

try:
    import accessible
except ImportError:  # told by check_needs()
    accessible = None

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.environ.get("P2S_SOURCE", os.path.join(HERE, "..", ".."))
BUILD = os.environ.get("P2S_BUILD", os.path.join(SOURCE, "build"))
PANEL = os.environ.get("P2S_PANEL", os.path.join(BUILD, "gui", "p2s-panel"))
# What is watched by sanitizers takes longer.
PATIENCE = float(os.environ.get("P2S_PATIENCE", 1))
SYSTEM_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={dir}/system</listen>
  <servicedir>{dir}/services</servicedir>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

CLIPBOARD = """
import sys, gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, GLib, Gtk
Gtk.init()
clipboard, loop = Gdk.Display.get_default().get_clipboard(), GLib.MainLoop()
def done(clipboard, result):
    if sys.argv[1] == "text":
        sys.stdout.write(clipboard.read_text_finish(result) or "")
    else:
        texture = clipboard.read_texture_finish(result)
        print(texture.get_width(), texture.get_height())
    loop.quit()
(clipboard.read_text_async if sys.argv[1] == "text" else clipboard.read_texture_async)(None, done)
loop.run()
"""


def skip(why):
    print("SKIP:", why)
    sys.exit(77)


def check_needs():
    for program in ("Xvfb", "dbus-daemon", "xdotool", "xprop", "import"):
        if not shutil.which(program):
            skip(f"needs {program}")
    if not os.path.exists(PANEL):
        skip(f"needs {PANEL}: build first")
    if not os.path.exists("/usr/libexec/at-spi-bus-launcher"):
        skip("needs at-spi2-core")
    if not accessible:
        skip("needs python3-gi")


def wait_for(what, timeout=15.0, interval=0.05, message=None):
    """The value of what() once it is true; fails after timeout seconds."""
    end = time.monotonic() + timeout * PATIENCE
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(message or f"not within {timeout} s")
        time.sleep(interval)


def stop(process):
    if process and process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Desktop:
    """Xvfb and a session bus with accessibility, for the whole test process: GLib looks
    for its bus once."""

    def __init__(self, size="800x900"):
        self.the_reader = None
        self.dir = tempfile.mkdtemp(prefix="p2s-gui-")
        for name in ("config", "run", "home"):
            os.mkdir(os.path.join(self.dir, name), 0o700)
        read_end, write_end = os.pipe()
        self.screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", size + "x24", "-noreset",
             "-nolisten", "tcp"],
            pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_end)
        with os.fdopen(read_end) as file:
            display = file.readline().strip()
        address = f"unix:path={self.dir}/session"
        for name in ("WAYLAND_DISPLAY", "LANGUAGE", "AT_SPI_BUS_ADDRESS"):
            os.environ.pop(name, None)
        os.environ.update(
            DISPLAY=":" + display, DBUS_SESSION_BUS_ADDRESS=address, GDK_BACKEND="x11",
            GSK_RENDERER="cairo", GSETTINGS_BACKEND="memory", ADW_DISABLE_PORTAL="1", LC_ALL="C.UTF-8",
            HOME=f"{self.dir}/home", XDG_CONFIG_HOME=f"{self.dir}/config", XDG_RUNTIME_DIR=f"{self.dir}/run")
        wait_for(lambda: subprocess.call(["xdotool", "getdisplaygeometry"], stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL) == 0, message="Xvfb did not start")
        # Onto the title: where it begins, in the middle, a graph under it may be read; outside of
        # the window, keys would not come back to that from a dialog, as no window manager is there.
        subprocess.run(["xdotool", "mousemove", "120", "25"], check=True)
        self.log = open(os.path.join(self.dir, "session.log"), "w", encoding="utf-8")
        self.bus = subprocess.Popen(["dbus-daemon", "--session", f"--address={address}", "--nofork"],
                                    stdout=self.log, stderr=self.log)
        wait_for(lambda: os.path.exists(os.path.join(self.dir, "session")))

    def reader(self):
        """What a screen reader reads on it; one for all programs."""
        if not self.the_reader:
            self.the_reader = accessible.Reader()
        return self.the_reader

    def picture(self, path):
        """What the screen shows, as PNG."""
        subprocess.run(["import", "-silent", "-window", "root", path], check=True)

    def close(self):
        stop(self.bus)
        stop(self.screen)
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)


class SystemBus:
    """A bus for the panel to find its service on; activatable: who is started for it."""

    def __init__(self, activatable=None):
        self.dir = tempfile.mkdtemp(prefix="p2s-gui-bus-")
        services = os.path.join(self.dir, "services")
        os.mkdir(services)
        if activatable:
            with open(os.path.join(services, "org.p2s.Manager.service"), "w", encoding="utf-8") as file:
                file.write(f"[D-BUS Service]\nName=org.p2s.Manager\nExec={activatable}\n")
        config = os.path.join(self.dir, "bus.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(SYSTEM_BUS.format(dir=self.dir))
        self.address = f"unix:path={self.dir}/system"
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork"], stderr=subprocess.DEVNULL,
            env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=self.address))
        wait_for(lambda: os.path.exists(os.path.join(self.dir, "system")))

    def close(self):
        stop(self.process)
        shutil.rmtree(self.dir, ignore_errors=True)


class Panel:
    """The panel as a user of a screen reader meets it."""

    def __init__(self, desktop, system_bus_address, first_run=False, arguments=(), window=True, **environ):
        self.desktop, self.reader = desktop, desktop.reader()
        memory = os.path.join(desktop.dir, "config", "p2s", "panel.ini")
        os.makedirs(os.path.dirname(memory), exist_ok=True)
        with open(memory, "w", encoding="utf-8") as file:
            file.write("" if first_run else "[Panel]\nWelcomed=true\n")
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [PANEL, *arguments], stdout=self.errors, stderr=self.errors,
            env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=system_bus_address,
                     G_DEBUG="fatal-warnings", **environ))
        self.has_focus, self.ends_by = False, "close" if window else "quit"
        if window:
            wait_for(self.windows, message="the panel did not appear")

    def windows(self):
        self.check_alive()
        return self.reader.windows(self.process.pid)

    def check_alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the panel ended with {self.process.returncode}\n{self.output()}")

    def output(self):
        """All it ever printed: nothing, if all is well."""
        self.errors.seek(0)
        return self.errors.read()

    def nodes(self):
        """accessible.Node of all that can be seen, in reading order."""
        return self.reader.visible(self.windows())

    def find(self, role, name, description=None):
        for node in self.nodes():
            if node.role == role and node.name == name and description in (None, node.description):
                return node
        return None

    def wait_button(self, name, description=None, which=-1):
        # GTK 4.8 joins what labels a button: its row's title, its own label once more.
        found = wait_for(lambda: [node for node in self.nodes() if node.role == "push button" and name in node.name
                                  and description in (None, node.description)],
                         message=f"no button {name!r}")
        return found[which]

    def wait_answer(self, name):
        """A button of a dialog's, which has no more of a name than this, if twice; the last of
        them is the narrow dialog's, which is not shown."""
        return wait_for(lambda: next((node for node in self.nodes() if node.role == "push button" and name in node.name
                                      and not node.name.replace(name, "").strip()), None),
                        message=f"no answer {name!r}")

    def wait_check(self, name):
        """A check button, or one of several to choose from."""
        return wait_for(lambda: self.find("check box", name) or self.find("radio button", name),
                        message=f"no check button {name!r}")

    def texts(self):
        """Every label and every picture's description that can be seen."""
        return [node.name for node in self.nodes() if node.role in ("label", "image")]

    def says(self, text):
        return any(text in t for t in self.texts())

    def wait_says(self, text, timeout=15.0):
        try:
            wait_for(lambda: self.says(text), timeout)
        except AssertionError:
            raise AssertionError(f"nobody says {text!r} in {self.texts()}") from None

    def wait_silent(self, text):
        wait_for(lambda: not self.says(text), message=f"somebody still says {text!r}")

    def switch(self):
        return self.find("check box", "Prioritise Calls")

    def switch_state(self):
        """(on, reacts), or None where there is no switch."""
        switch = self.switch()
        return (switch.has(accessible.CHECKED), switch.has(accessible.SENSITIVE)) if switch else None

    def wait_switch(self, on, reacts=True, timeout=15.0):
        last = []

        def same():
            last[:] = [self.switch_state()]
            return last[0] == (on, reacts)

        try:
            wait_for(same, timeout)
        except AssertionError:
            raise AssertionError(f"the switch is {last[0]}, not {(on, reacts)}") from None

    def press(self, node):
        self.reader.press(node)

    def key(self, *keys):
        """Keys as from a keyboard, to this window."""
        if not self.has_focus:
            # No window manager gives it the focus.
            subprocess.run(["xdotool", "windowfocus", self.window_id()], check=True)
            time.sleep(0.2)
            self.has_focus = True
        subprocess.run(["xdotool", "key", *keys], check=True)

    def focused(self):
        """What has the keyboard, None where nothing has."""
        return next((node for node in self.nodes() if node.has(accessible.FOCUSED)), None)

    def tab_to(self, name, role=None, key="Tab", most=60):
        """Goes by keyboard to what is called so (or begins so); fails if it cannot be reached."""
        seen, found = [], self.focused()
        for _ in range(most):
            if found and found.name.startswith(name) and role in (None, found.role):
                return
            seen.append(found and (found.role, found.name))
            found = self.reader.focus_after(lambda: self.key(key))
        raise AssertionError(f"{key} does not lead to {name!r}: {seen}")

    def find_image(self, start):
        """The graph whose description begins so."""
        return wait_for(lambda: next((node for node in self.nodes()
                                      if node.role == "image" and node.name.startswith(start)), None),
                        message=f"no picture of {start!r}")

    def clipboard(self, kind):
        """What is on the clipboard as "text", or the size of its "picture"."""
        return subprocess.run([sys.executable, "-c", CLIPBOARD, kind], capture_output=True, text=True, check=True,
                              timeout=30).stdout

    def window_id(self):
        out = subprocess.run(["xdotool", "search", "--name", "^P2S$"], capture_output=True, text=True, check=False)
        return out.stdout.split()[-1]

    def window(self, *command):
        """An xdotool command on the window: windowunmap, windowmap, windowsize …"""
        subprocess.run(["xdotool", command[0], self.window_id(), *command[1:]], check=True)

    def activate(self, action):
        """Does what an entry of its menu does."""
        subprocess.run(["gdbus", "call", "--session", "--dest", "org.p2s.Panel", "--object-path", "/org/p2s/Panel",
                        "--method", "org.gtk.Actions.Activate", action, "[]", "{}"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    def close(self):
        """Ends it as a user would; its exit status."""
        if self.process.poll() is None:
            self.activate(self.ends_by)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode
