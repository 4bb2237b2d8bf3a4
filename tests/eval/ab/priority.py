# SPDX-License-Identifier: GPL-2.0-or-later
"""Ahead of what loads the line: it is the line that is measured, not this machine's queue
for a CPU.  Where a machine does not allow it, things run as they are."""

import subprocess


def realtime(*argv):
    """The command, with round-robin realtime scheduling.  Not for what may keep a CPU busy."""
    prefix = ("chrt", "-r", "1")
    try:
        allowed = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        allowed = False
    return (*prefix, *argv) if allowed else argv


def ahead(*argv):
    """The command, with a larger share of the CPUs.  Each session is a group of its own
    for the scheduler (sched(7), autogroup), within which alone nice counts."""
    return ("sh", "-c", "echo -15 2>/dev/null >/proc/self/autogroup; "
            'exec nice -n -15 "$@" 2>&1', "sh", *argv)
