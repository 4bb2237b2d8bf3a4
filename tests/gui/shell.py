# SPDX-License-Identifier: GPL-2.0-or-later
"""A GNOME Shell without a screen, on buses of the test's own, with our extension.

The shell is the real one; only logind, which it cannot do without, is played."""

import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

import desktop
from desktop import stop, wait_for

UUID = "p2s@p2s.org"
LOGIND = [sys.executable, "-m", "dbusmock", "--system", "--template", "logind"]


def check_needs():
    for program in ("gnome-shell", "dbus-daemon", "gdbus", "meson"):
        if not shutil.which(program):
            desktop.skip(f"needs {program}")
    if not importlib.util.find_spec("dbusmock"):
        desktop.skip("needs python3-dbusmock")


class Shell:
    """system_bus: a PrivateBus; its polkitd and p2sd are the shell's, too."""

    def __init__(self, system_bus, user="root", language="C"):
        self.system_bus = system_bus
        self.user = pwd.getpwnam(user)
        self.dir = tempfile.mkdtemp(prefix="p2s-shell-")
        for path in (self.dir, *(os.path.join(self.dir, name) for name in ("config", "run", "home", "cache", "data"))):
            os.makedirs(path, 0o700, exist_ok=True)
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        share = self.install()
        address = f"unix:path={self.dir}/session"
        self.environ = {k: v for k, v in os.environ.items()
                        if k not in ("DISPLAY", "WAYLAND_DISPLAY", "LANGUAGE", "LC_ALL")}
        self.environ.update(
            DBUS_SESSION_BUS_ADDRESS=address, DBUS_SYSTEM_BUS_ADDRESS=system_bus.address,
            PATH=f"{self.dir}/bin:" + os.environ["PATH"],  # a desktop file wants its program
            GSETTINGS_BACKEND="memory", LIBGL_ALWAYS_SOFTWARE="1", LC_ALL="C.UTF-8", LANGUAGE=language, NO_AT_BRIDGE="1",
            HOME=f"{self.dir}/home", XDG_CACHE_HOME=f"{self.dir}/cache", XDG_CONFIG_HOME=f"{self.dir}/config",
            XDG_DATA_HOME=f"{self.dir}/data", XDG_RUNTIME_DIR=f"{self.dir}/run",
            XDG_DATA_DIRS=f"{share}:/usr/local/share:/usr/share")
        self.log = open(os.path.join(self.dir, "log"), "w+", encoding="utf-8")
        self.processes = []
        config = os.path.join(self.dir, "session.conf")
        with open(config, "w", encoding="utf-8") as file:
            # No service directories: nothing of the machine's is started.
            file.write(desktop.SYSTEM_BUS.format(dir=self.dir).replace(f"{self.dir}/system", f"{self.dir}/session"))
        self.start("dbus-daemon", f"--config-file={config}", "--nofork")
        wait_for(lambda: os.path.exists(os.path.join(self.dir, "session")))
        self.start(*LOGIND, root=True)
        wait_for(lambda: system_bus.has_owner("org.freedesktop.login1"), 30)
        self.shell = self.start("gnome-shell", "--headless", "--virtual-monitor", "1280x720", "--unsafe-mode",
                                "--no-x11")
        wait_for(self.is_up, 90, 0.2, "the shell did not start")

    def install(self):
        """Where meson puts the extension, and the panel's desktop file: the share directory."""
        root = os.path.join(self.dir, "root")
        subprocess.run(["meson", "install", "-C", desktop.BUILD, "--no-rebuild", "--quiet", "--destdir", root,
                        "--tags", "gnome-shell"], check=True, stdout=subprocess.DEVNULL)
        share = next((share for share, names, _ in os.walk(root) if "gnome-shell" in names), None)
        assert share, f"meson installed no extension in {root}"
        # The user may not look into the build.
        for path, to in ((desktop.PANEL, f"{self.dir}/bin"), (f"{desktop.BUILD}/gui/org.p2s.Panel.desktop",
                                                              f"{share}/applications")):
            os.mkdir(to)
            shutil.copy(path, to)
        shutil.copytree(os.path.join(desktop.BUILD, "po"), f"{self.dir}/po", ignore=lambda folder, names: [
            name for name in names if not os.path.isdir(os.path.join(folder, name)) and name != "p2s.mo"])
        path = os.path.join(share, "gnome-shell", "extensions", UUID, "metadata.json")
        with open(path, encoding="utf-8") as file:
            metadata = json.load(file)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(dict(metadata, localedir=f"{self.dir}/po"), file)
        return share

    def as_user(self, command):
        user, group = self.user.pw_uid, self.user.pw_gid
        return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *command] if user else command

    def start(self, *command, root=False):
        process = subprocess.Popen(command if root else self.as_user(command), env=self.environ, stdout=self.log,
                                   stderr=self.log)
        self.processes.append(process)
        return process

    def gdbus(self, path, method, *args):
        return subprocess.run(self.as_user(["gdbus", "call", "--session", "--timeout", "20", "--dest",
                                            "org.gnome.Shell", "--object-path", path, "--method", method, *args]),
                              env=self.environ, capture_output=True, text=True, check=False)

    def eval(self, script):
        """What the script's last expression is, in the shell's own process."""
        done = self.gdbus("/org/gnome/Shell", "org.gnome.Shell.Eval", script)
        assert done.returncode == 0, f"{script}: {done.stderr}\n{self.output()}"
        # ('true', '"answer as JSON"'), in GVariant's text format
        from gi.repository import GLib

        good, answer = GLib.Variant.parse(GLib.VariantType("(bs)"), done.stdout.strip(), None, None).unpack()
        assert good, f"{script}: {answer}"
        return json.loads(answer) if answer else None

    def is_up(self):
        assert self.shell.poll() is None, self.output()
        done = self.gdbus("/org/gnome/Shell", "org.gnome.Shell.Eval", "Main.layoutManager._startingUp")
        return done.stdout.startswith("(true, 'false')")

    def picture(self, path):
        own = f"{self.dir}/data/picture.png"
        done = self.gdbus("/org/gnome/Shell/Screenshot", "org.gnome.Shell.Screenshot.Screenshot", "false", "false", own)
        assert done.stdout.startswith("(true,"), done.stderr
        shutil.move(own, path)

    def output(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()

    def close(self):
        for process in reversed(self.processes):
            stop(process)
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
