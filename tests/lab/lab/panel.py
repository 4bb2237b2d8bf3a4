# SPDX-License-Identifier: GPL-2.0-or-later
"""The panel on the lab's bus, as the user who ran sudo, where there is a display."""

import os
import pwd
import subprocess

from . import call, polkit

_PASSED_ON = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "LANG", "LC_ALL",
              "GDK_BACKEND", "GTK_THEME")


class Panel:
    """The panel's process for the length of a `with`; none without a display."""

    def __init__(self, daemon, wanted):
        self.daemon, self.wanted = daemon, wanted
        self.process = self.polkit = None

    def __enter__(self):
        binary = os.path.join(self.daemon.build, "gui", "p2s-panel")
        display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
        if self.wanted and display and os.access(binary, os.X_OK):
            uid = int(os.environ.get("SUDO_UID", 0))
            if uid:
                self.polkit = polkit.start(self.daemon, pwd.getpwuid(uid).pw_name)
            self.process = subprocess.Popen(self._as_user(binary, uid), **call.QUIET)
        return self

    def __exit__(self, *exc):
        for process in (self.process, self.polkit):
            if process:
                call.stop(process)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait(self):
        self.process.wait()

    def _as_user(self, binary, uid):
        env = {k: os.environ[k] for k in _PASSED_ON if k in os.environ}
        env["DBUS_SYSTEM_BUS_ADDRESS"] = self.daemon.address
        if not uid:
            return ["env", *(f"{k}={v}" for k, v in env.items()), binary]
        runtime = f"/run/user/{uid}"  # sudo leaves out what Wayland and the session bus need
        if os.path.isdir(runtime):
            env.setdefault("XDG_RUNTIME_DIR", runtime)
            if os.path.exists(f"{runtime}/bus"):
                env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={runtime}/bus"
        user = pwd.getpwuid(uid)
        env.setdefault("XAUTHORITY", os.path.join(user.pw_dir, ".Xauthority"))
        return ["runuser", "-u", user.pw_name, "--", "env",
                *(f"{k}={v}" for k, v in env.items()), f"HOME={user.pw_dir}", binary]
