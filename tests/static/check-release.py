# SPDX-License-Identifier: GPL-2.0-or-later
"""The version is the same wherever it stands, and a release has a day wherever one stands."""
import os
import re
import sys
import xml.etree.ElementTree as ET

SOURCE = os.environ["P2S_SOURCE"]


def first(name, pattern):
    """What the pattern's groups are where it is found first in the file."""
    with open(os.path.join(SOURCE, name), encoding="utf-8") as f:
        found = re.search(pattern, f.read(), re.MULTILINE)
    if not found:
        sys.exit(f"{name}: nothing there is like {pattern}")
    return found.groups()


def main():
    (version,) = first("meson.build", r"^ *version: '([^']*)',$")
    news, day = first("NEWS.md", r"^## (\S+) \((not released|\d{4}-\d\d-\d\d)\)$")
    package, _ = first("debian/changelog", r"^p2s \(([^)]*)\) (\S+);")
    release = ET.parse(os.path.join(SOURCE, "gui", "org.p2s.Panel.metainfo.xml.in")).find(
        "./releases/release")
    faults = [f"{where} has {found}, meson.build {version}" for where, found in (
        ("NEWS.md", news), ("debian/changelog", package),
        ("gui/org.p2s.Panel.metainfo.xml.in", release.get("version"))) if found != version]
    if day != "not released" and release.get("date") != day:
        faults.append(f"NEWS.md has {day}, gui/org.p2s.Panel.metainfo.xml.in {release.get('date')}")
    print("\n".join(faults) or f"{version} ({day})")
    return len(faults)


if __name__ == "__main__":
    sys.exit(main())
