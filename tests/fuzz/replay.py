# SPDX-License-Identifier: GPL-2.0-or-later
"""replay.py NAME PROGRAM: a harness on its stored corpus, once: what libFuzzer has found
stays found, whatever compiler and sanitizers the build has."""
import os
import subprocess
import sys
import tarfile
import tempfile

name, program = sys.argv[1:]
with tempfile.TemporaryDirectory() as directory:
    with tarfile.open(os.path.join(os.path.dirname(os.path.realpath(__file__)), "corpus",
                                   name + ".tar.gz")) as f:
        files = [m for m in f.getmembers() if m.isfile()]
        for i, member in enumerate(files):
            with open(os.path.join(directory, f"{i:05}"), "wb") as to:
                to.write(f.extractfile(member).read())
    sys.exit(subprocess.run([program, directory], check=False).returncode)
