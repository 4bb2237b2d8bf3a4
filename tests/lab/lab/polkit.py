# SPDX-License-Identifier: GPL-2.0-or-later
"""polkitd on the lab's bus, so that the panel of whoever ran sudo works there."""

import os
import shutil
import subprocess

from . import call

_BINARIES = ("/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd",
             "/usr/lib/policykit-1/polkitd")
# The lab is theirs: what they do there touches nothing else.
_RULE = """polkit.addRule(function (action, subject) {
    if (action.id.indexOf("org.p2s.") == 0 && subject.user == "%s")
        return polkit.Result.YES;
});
"""
# `ip netns exec` has given it a mount namespace of its own: the machine's actions and
# rules stay what they are.
_START = """mount --bind "$1/actions" /usr/share/polkit-1/actions &&
mount --bind "$1/rules" /etc/polkit-1/rules.d && exec "$2" --no-debug"""


def start(daemon, user):
    """The process, or None where there is no polkitd: then root alone may change things."""
    binary = next((b for b in _BINARIES if os.access(b, os.X_OK)), None)
    if not binary:
        return None
    for name in ("actions", "rules"):
        os.makedirs(os.path.join(daemon.directory, name), exist_ok=True)
    shutil.copy(os.path.join(daemon.source, "data", "polkit", "org.p2s.policy"),
                os.path.join(daemon.directory, "actions"))
    with open(os.path.join(daemon.directory, "rules", "10-lab.rules"), "w",
              encoding="utf-8") as f:
        f.write(_RULE % user)
    os.makedirs("/etc/polkit-1/rules.d", exist_ok=True)
    return subprocess.Popen(
        daemon.line.exec(daemon.role, "sh", "-c", _START, "sh", daemon.directory, binary),
        env=dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=daemon.address), **call.QUIET)
