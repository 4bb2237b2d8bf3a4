# SPDX-License-Identifier: GPL-2.0-or-later
"""The test's end of fault.c: which call of p2sd's is to fail."""
import mmap
import os
import struct

import private_bus

KINDS = {"netlink": 1, "bpf": 2, "file": 3, "bus": 4}
PRELOAD = os.path.join(os.environ.get("P2S_BUILD", os.path.join(private_bus.SOURCE, "build")),
                       "tests", "fault", "p2s-fault.so")
FIELDS = struct.Struct("=QQqQ")
SIZE = FIELDS.size + 64


class Seam:
    """A control file in the bus's directory, for every p2sd started with env()."""

    def __init__(self, bus):
        self.path = os.path.join(bus.dir, "fault")
        self.dirs = ":".join(bus.environ[d] for d in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"))
        with open(self.path, "wb") as f:
            f.write(bytes(SIZE))
        with open(self.path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), SIZE)

    def env(self):
        # p2sd may be built with ASan, which need not be the first library for this one
        return {"LD_PRELOAD": PRELOAD, "P2S_FAULT": self.path, "P2S_FAULT_DIRS": self.dirs,
                "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}

    def arm(self, kind, at, error):
        """The at-th call of that kind from now on has that error, or a signal (below 0).
        at 0: none has, but they are counted."""
        self.disarm()
        self.map[8:SIZE] = struct.pack("=QqQ64x", at, error, 0)
        self.map[0:8] = struct.pack("=Q", KINDS[kind])

    def disarm(self):
        self.map[0:8] = bytes(8)

    def seen(self):
        return FIELDS.unpack(self.map[:FIELDS.size])[3]

    def failed(self):
        """The name of the call that did, or ''."""
        return self.map[FIELDS.size:SIZE].rstrip(b"\0").decode()
