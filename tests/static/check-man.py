#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every option, verb, exit status, bus member, error and key of the configuration is
in its manual page, p2sctl's also in its completions; and the pages are clean roff.

P2SCTL and P2SD name the binaries, P2S_SOURCE the tree."""

import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

SOURCE = os.environ.get("P2S_SOURCE",
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("P2S_BUILD", os.path.join(SOURCE, "build"))
P2SCTL = os.environ.get("P2SCTL", os.path.join(BUILD, "daemon", "p2sctl"))
P2SD = os.environ.get("P2SD", os.path.join(BUILD, "daemon", "p2sd"))
MAN = os.path.join(SOURCE, "daemon", "man")
PAGES = ("p2sctl.1", "p2sd.8", "p2sd.conf.5", "p2s-apps.conf.5", "org.p2s.Manager.5")

failures = []


def expect(truth, what):
    if not truth:
        failures.append(what)


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as f:
        return f.read()


def text_of(page):
    """The page as plain words: macros, fonts and escapes taken away."""
    lines = []
    for line in read("daemon", "man", page).splitlines():
        if line.startswith('.\\"'):
            continue
        if line.startswith("."):
            # Quotes group the arguments of a macro.
            line = line.partition(" ")[2].replace('"', "")
        lines.append(line)
    text = "\n".join(lines)
    text = re.sub(r"  +", " ", re.sub(r"\\f[BIPR]", "", text))
    return text.replace(r"\-", "-").replace(r"\ ", " ").replace(r"\(->", "->")


def has_word(text, word):
    return re.search(r"(?<![\w-])" + re.escape(word) + r"(?![\w-])", text) is not None


def help_of(program):
    done = subprocess.run([program, "--help"], stdout=subprocess.PIPE, text=True, check=False,
                          timeout=30)
    expect(done.returncode == 0, f"{program} --help: exit status {done.returncode}")
    return done.stdout


def options_of(text):
    return sorted(set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text)))


def check_p2sctl():
    summary = help_of(P2SCTL)
    page = text_of("p2sctl.1")
    verbs = re.findall(r"^  ([a-z]+)\b", summary.partition("Verbs:")[2].partition("Options:")[0],
                       re.M)
    expect(len(set(verbs)) >= 12, f"p2sctl --help: only these verbs: {verbs}")
    completions = [("bash", read("daemon", "completions", "p2sctl.bash")),
                   ("zsh", read("daemon", "completions", "_p2sctl"))]
    for verb in sorted(set(verbs)):
        expect(re.search(rf"^{verb}(?![\w-])", page, re.M), f"p2sctl.1: no verb {verb}")
        for shell, text in completions:
            expect(has_word(text, verb), f"completion of {shell}: no verb {verb}")
    for option in options_of(summary):
        expect(has_word(page, option), f"p2sctl.1: no option {option}")
        for shell, text in completions:
            # bash needs no single letters.
            expect(has_word(text, option) or len(option) == 2 or f",{option}}}" in text,
                   f"completion of {shell}: no option {option}")
    status = page.partition("EXIT STATUS")[2]
    for number in "01234":
        expect(re.search(rf"^{number}$", status, re.M), f"p2sctl.1: no exit status {number}")
    # The other way round: nothing that the program does not know.
    for option in options_of(page):
        expect(has_word(summary, option), f"p2sctl --help: no option {option}, but p2sctl.1 has")


def check_p2sd():
    if not os.access(P2SD, os.X_OK):
        print("no p2sd: its options were not looked at")
        return
    summary, page = help_of(P2SD), text_of("p2sd.8")
    for option in options_of(summary):
        expect(has_word(page, option), f"p2sd.8: no option {option}")
    for option in options_of(page.partition("OPTIONS")[2].partition("SIGNALS")[0]):
        expect(has_word(summary, option) or option == "-h",
               f"p2sd --help: no option {option}, but p2sd.8 has")


def check_bus():
    page = text_of("org.p2s.Manager.5")
    xml = read("data", "dbus", "org.p2s.Manager.xml")
    interface = ElementTree.fromstring(xml).find("interface")
    for member in interface:
        name = member.get("name")
        expect(has_word(page, name), f"org.p2s.Manager.5: no {member.tag} {name}")
        if member.tag == "property":
            expect(f"{name} {member.get('type')} (property)" in page,
                   f"org.p2s.Manager.5: {name} is not of type {member.get('type')}")
        if member.tag == "method":
            ins = ", ".join(f"{a.get('type')} {a.get('name')}" for a in member.iter("arg")
                            if a.get("direction") == "in")
            outs = ", ".join(f"{a.get('type')} {a.get('name')}" for a in member.iter("arg")
                             if a.get("direction") == "out")
            signature = f"({ins}) -> {outs}" if outs else f"({ins})"
            flat = page.replace(f"{name} (", f"{name}(")
            expect(f"{name}{signature}" in flat,
                   f"org.p2s.Manager.5: no {name}{signature}")
    for error in sorted(set(re.findall(r"org\.(?:p2s\.Error|freedesktop\.DBus\.Error)\.\w+",
                                       xml))):
        expect(has_word(page, error), f"org.p2s.Manager.5: no error {error}")
    # The keys of a{sv}, as the XML's comments list them: "UplinkBps t".
    keys = 0
    for comment in re.findall(r"<!--(.*?)-->", xml, re.S):
        for key in re.findall(r"(?<![\w.])([A-Z][A-Za-z]+) (?:[sutqybdx]|as|aa\{sv\})(?=[\s,:;.])",
                              comment):
            keys += 1
            expect(has_word(page, key), f"org.p2s.Manager.5: no key {key}")
    expect(keys > 50, f"only {keys} keys were found in the XML")


def check_configuration():
    path = os.path.join(SOURCE, "daemon", "p2sd.conf")
    if not os.path.exists(path):
        print("no daemon/p2sd.conf: its keys were not looked at")
        return
    page = text_of("p2sd.conf.5")
    for line in read("daemon", "p2sd.conf").splitlines():
        section = re.match(r"#?\[(\w+)", line)
        key = re.match(r"#?([A-Z]\w+)=", line)
        if section:
            expect(f"[{section[1]}" in page, f"p2sd.conf.5: no section {section[1]}")
        if key:
            expect(re.search(rf"^{key[1]}=", page, re.M), f"p2sd.conf.5: no key {key[1]}=")


def check_messages():
    """Every MESSAGE_ID and every field of the journal's is in p2sd.8."""
    page = text_of("p2sd.8")
    ids = re.findall(r'"([0-9a-f]{32})"', read("daemon", "message-id.h"))
    expect(len(ids) > 5, f"message-id.h: only these numbers: {ids}")
    fields = set()
    for source in os.listdir(os.path.join(SOURCE, "daemon")):
        if source.endswith(".c"):
            fields |= set(re.findall(r'log_entry_add\(&?\w+, "([A-Z0-9_]+)"',
                                     read("daemon", source)))
    expect(len(fields) > 15, f"only these fields were found: {fields}")
    # those that every message has
    for word in ids + sorted(fields - {"PRIORITY", "SYSLOG_IDENTIFIER", "MESSAGE_ID"}):
        expect(has_word(page, word), f"p2sd.8: no {word}")


def check_metrics():
    """Every metric is in p2sctl.1, and no other."""
    page = text_of("p2sctl.1")
    names = set()
    for name, kind in re.findall(r'"(p2s_\w+)",\s+(?:"\w+",\s+"[^"]*",\s+)?(METRIC_\w+)',
                                 read("daemon", "p2sctl-metrics.c")):
        names.add(name + ("_total" if kind == "METRIC_COUNTER" else ""))
    names |= set(re.findall(r'n, "(p2s_\w+)"', read("daemon", "p2sctl-metrics.c")))
    said = set(re.findall(r"\bp2s_\w+", page))
    expect(len(names) > 12 and names == said,
           f"p2sctl.1: metrics missing: {sorted(names - said)}, unknown: {sorted(said - names)}")


def check_apps():
    page = text_of("p2s-apps.conf.5")
    for line in read("daemon", "apps.conf").splitlines():
        key = re.match(r"#?\s*([A-Z]\w+)=", line)
        if key:
            expect(re.search(rf"^{key[1]}=", page, re.M), f"p2s-apps.conf.5: no key {key[1]}=")


def check_roff():
    for page in PAGES:
        path = os.path.join(MAN, page)
        for command in (["groff", "-man", "-Tutf8", "-ww", "-z", path],
                        ["mandoc", "-T", "lint", path]):
            if not shutil.which(command[0]):
                print(f"no {command[0]}: it was not asked about {page}")
                continue
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, check=False, timeout=60)
            # Pages that are not installed yet cannot be found by name.
            said = [line for line in done.stdout.splitlines()
                    if line and "referenced manual not found" not in line]
            expect(not said, f"{page}: {command[0]}: " + "; ".join(said))


def main():
    if not os.access(P2SCTL, os.X_OK):
        print(f"skipped: no {P2SCTL}")
        return 77
    check_p2sctl()
    check_p2sd()
    check_bus()
    check_configuration()
    check_messages()
    check_metrics()
    check_apps()
    check_roff()
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
