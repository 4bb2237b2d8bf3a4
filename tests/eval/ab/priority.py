# SPDX-License-Identifier: GPL-2.0-or-later
"""Ahead of what loads the line: it is the line that is measured, not this machine's queue
for a CPU.  Where a machine does not allow it, things run as they are."""

import subprocess


ROUTER, BROWSER = 1, 2  # of the two, a browser asks for little


def realtime(priority, *argv):
    """The command, with round-robin realtime scheduling.  (nice counts within a session
    alone: sched(7), autogroup.)"""
    prefix = ("chrt", "-r", str(priority))
    try:
        allowed = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        allowed = False
    return (*prefix, *argv) if allowed else argv
