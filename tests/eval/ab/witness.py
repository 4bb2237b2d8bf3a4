# SPDX-License-Identifier: GPL-2.0-or-later
"""What p2sd itself measures at one end."""

import json
import time

from lab import daemon, line as line_module


def plain(value):
    """busctl's JSON without its types."""
    if isinstance(value, dict):
        if set(value) == {"type", "data"}:
            return plain(value["data"])
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


def ask(p2sd, *argv):
    """What p2sd answers to busctl's arguments."""
    return plain(json.loads(line_module.run("busctl", f"--address={p2sd.address}", "--json=short",
                                            *argv)))


class Witness:
    """Notes what a p2sd says of the flows that arrive there."""

    def __init__(self, p2sd):
        self.p2sd, self.rows = p2sd, []

    def forget(self):
        self.rows = []

    def note(self):
        """A row a flow that comes in."""
        before = time.time()
        calls = ask(self.p2sd, "call", daemon.NAME, daemon.PATH, daemon.NAME, "GetCalls")[0]
        now = (before + time.time()) / 2
        for each in calls:
            for flow in each["Flows"]:
                if flow["Direction"] == "incoming" and flow["Class"] == "voice":
                    self.rows.append({
                        "time": now, "ssrc": flow["Ssrc"], "packets": flow["Packets"],
                        "lost": flow["Lost"], "bytes": flow["Bytes"],
                        "jitter_ms": flow["JitterUsec"] / 1000,
                        "jitter_mean_ms": flow["JitterMeanUsec"] / 1000})
