#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every text a user reads can be translated, and is: POTFILES.in names every file that has
one, and each catalog of LINGUAS has all of them, with the right placeholders."""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ["P2S_SOURCE"]
PO = os.path.join(SOURCE, "po")
TEXT = {
    ".c": re.compile(r'\b(?:_|N_|C_|NC_|ngettext|g_dngettext)\s*\('),
    ".js": re.compile(r'\b(?:_|ngettext|pgettext)\s*\('),
    ".ui": re.compile(r'translatable="yes"'),
    ".policy": re.compile(r'gettext-domain='),
    ".desktop.in": re.compile(r'^Name=', re.M),
    ".xml.in": re.compile(r'<summary>'),
}
# Of meson's preset "glib", what finds texts.
KEYWORDS = ["--from-code=UTF-8", "--add-comments"] + ["--keyword=" + k for k in (
    "_", "N_", "C_:1c,2", "NC_:1c,2", "g_dcgettext:2", "g_dngettext:2,3", "g_dpgettext2:2c,3")]


def lines(name):
    with open(os.path.join(PO, name), encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def with_texts():
    for folder in ("gui", "data"):
        for parent, _, names in os.walk(os.path.join(SOURCE, folder)):
            for name in names:
                ending = next((e for e in TEXT if name.endswith(e)), None)
                path = os.path.join(parent, name)
                if ending and TEXT[ending].search(open(path, encoding="utf-8").read()):
                    yield os.path.relpath(path, SOURCE)


def check_files(faults):
    listed = lines("POTFILES.in")
    if listed != sorted(listed):
        faults.append("po/POTFILES.in is not sorted")
    found = set(with_texts())
    faults += [f"po/POTFILES.in lacks {path}" for path in sorted(found - set(listed))]
    faults += [f"po/POTFILES.in names {path}, which has no text" for path in listed
               if path not in found and not path.endswith(".js")]
    if lines("LINGUAS") != sorted(lines("LINGUAS")):
        faults.append("po/LINGUAS is not sorted")
    catalogs = {os.path.basename(path)[:-3] for path in glob.glob(os.path.join(PO, "*.po"))}
    faults += [f"po/LINGUAS and po/*.po disagree about {lang}" for lang in catalogs ^ set(lines("LINGUAS"))]


def run(*command):
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, env=dict(os.environ, LC_ALL="C.UTF-8"),
                          check=False)
    return done.returncode, done.stderr.strip()


def check_catalog(lang, pot, directory, faults):
    path, merged = os.path.join(PO, lang + ".po"), os.path.join(directory, lang + ".po")
    status, said = run("msgfmt", "--check", "--output-file=/dev/null", path)
    if status != 0:
        faults.append(f"msgfmt refuses po/{lang}.po: {said}")
        return
    run("msgmerge", "--quiet", "--no-fuzzy-matching", "--output-file=" + merged, path, pot)
    _, said = run("msgfmt", "--statistics", "--output-file=/dev/null", merged)
    print(f"{lang}: {said}")
    if "fuzzy" in said or "untranslated" in said:
        faults.append(f"po/{lang}.po is not complete: {said}; bring it up to date with ninja -C build p2s-update-po")


def main():
    faults = []
    for program in ("xgettext", "msgmerge", "msgfmt"):
        if not shutil.which(program):
            print("SKIP: needs", program)
            return 77
    check_files(faults)
    with tempfile.TemporaryDirectory() as directory:
        pot = os.path.join(directory, "p2s.pot")
        status, said = run("xgettext", "--package-name=p2s", *KEYWORDS, "--files-from=po/POTFILES.in", "--output=" + pot)
        if status != 0:
            faults.append(f"xgettext: {said}")
        else:
            for lang in lines("LINGUAS"):
                check_catalog(lang, pot, directory, faults)
    for fault in faults:
        print("FAILED:", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
