#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each attack of docs/security.md names a test that tries it, and that test exists."""
import os
import re
import sys

SOURCE = os.environ["P2S_SOURCE"]
CITED = re.compile(r"`(\w+/[\w.-]+)`(?: \(([^)]*)\))?")


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def faults():
    rows = [line.strip("|").split("|") for line in read("docs", "security.md").splitlines()
            if line.startswith("|") and not line.startswith("|---")]
    for row in rows:
        if row[-1].strip() == "tried in":
            continue
        cited = [c for c in CITED.findall(row[-1]) if c[0] != "tests/fixtures"]
        if not cited:
            yield f"{row[0].strip()}: no test is named"
        for path, names in cited:
            if not os.path.exists(os.path.join(SOURCE, "tests", path)):
                yield f"{row[0].strip()}: there is no tests/{path}"
                continue
            text = read("tests", path)
            for name in re.findall(r"`(\w+)`", names):
                if not re.search(rf"(def |\(){name}\b", text):
                    yield f"{row[0].strip()}: there is no {name} in tests/{path}"
    if len(rows) < 20:
        yield f"only {len(rows)} rows were understood"


def main():
    found = list(faults())
    print("\n".join(found) or "each attack is tried")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
