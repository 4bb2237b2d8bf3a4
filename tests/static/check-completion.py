#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The completions of bash and zsh offer, verb by verb, exactly what p2sctl --help names;
and p2sctl takes each of it.

P2SCTL names the binary, P2S_SOURCE the tree."""

import os
import re
import shutil
import subprocess
import sys

SOURCE = os.environ.get("P2S_SOURCE",
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
P2SCTL = os.environ.get("P2SCTL", os.path.join(SOURCE, "build", "daemon", "p2sctl"))
COMPLETIONS = os.path.join(SOURCE, "daemon", "completions")
OPTION = r"(?<![\w-])--[a-z][a-z-]*"

# zsh's own functions in the place of which these print what they are told.
ZSH_STUBS = r"""
_arguments() {
    if [[ $1 == -C ]]; then
        print -rl -- "${@:#-C}"
        state=$want
        words=($verb '')
        CURRENT=2
        return 1
    fi
    print -rl -- "$@"
}
_describe() { print -rl -- "${(@P)2}" }
_values() { print -rl -- "$@" }
_message() { : }
compadd() { : }
compset() { return 1 }
"""

failures = []


def expect_equal(got, wanted, what):
    if got != wanted:
        failures.append(f"{what}: not offered: {sorted(wanted - got)}, "
                        f"not in --help: {sorted(got - wanted)}")


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)


def read_help():
    """{verb: its options}, options of all, {option: its words}."""
    text = run(P2SCTL, "--help").stdout
    verbs, verb = {}, None
    for line in text.partition("Verbs:\n")[2].partition("\nOptions:")[0].splitlines():
        match = re.match(r"  ([a-z]+)\b", line)
        # what is said of a verb begins further right
        if match or (re.match(r" {12}\[", line) and verb):
            verb = match[1] if match else verb
            verbs.setdefault(verb, set()).update(re.findall(OPTION, line.split("    ")[0]
                                                            if match else line))
    common = set(re.findall(OPTION, text.partition("\nOptions:")[2].partition("\n\n")[0]))
    words = {o: set(w.split("|")) for o, w in re.findall(r"(--[a-z-]+) ([a-z]+(?:\|[a-z]+)+)", text)}
    layers = re.search(r"^LAYER: (.*)\.$", text, re.M)
    if layers:
        words["--linklayer"] = set(layers[1].split(", "))
    modes = re.search(r"^  mode \[(\S+)\]", text, re.M)[1]
    words["--mode"] = set(modes.split("|"))
    return {v: o - common for v, o in verbs.items()}, common, words


def bash(*words):
    """What bash offers after these words, the last of which is being typed."""
    script = ("compopt() { :; }\nsource " + os.path.join(COMPLETIONS, "p2sctl.bash") +
              '\nCOMP_WORDS=("$@")\nCOMP_CWORD=$(($# - 1))\n_p2sctl\n'
              'printf "%s\\n" "${COMPREPLY[@]}"\n')
    done = run("bash", "-c", script, "bash", "p2sctl", *words)
    if done.returncode != 0 or done.stderr:
        failures.append(f"bash: {words}: {done.stderr}")
    return set(done.stdout.split())


def zsh(want, verb):
    """What zsh's functions are told for a verb (want=argument) or for the first word."""
    done = run("zsh", "-f", "-c", ZSH_STUBS + f"want={want}\nverb={verb}\nwords=(p2sctl '')\n"
               "CURRENT=2\nsource " + os.path.join(COMPLETIONS, "_p2sctl"))
    if done.stderr:
        failures.append(f"zsh: {verb}: {done.stderr}")
    return done.stdout


def check_bash(verbs, common, words):
    expect_equal(bash(""), set(verbs) | common, "bash: the first word")
    for verb, options in verbs.items():
        if verb != "run":  # behind it stands somebody else's command
            expect_equal(bash(verb, "--"), options | common, f"bash: {verb}")
        for option in options:
            if option in words:
                expect_equal(bash(verb, "x", option, "") if verb != "run" else
                             bash(verb, option, ""), words[option], f"bash: {verb} {option}")
    if "--mode" not in bash("run", "--"):
        failures.append("bash: run: no --mode")
    expect_equal(bash("mode", ""), words["--mode"], "bash: mode")


def check_zsh(verbs, common, words):
    if not shutil.which("zsh"):
        print("no zsh: its completion was not looked at")
        return
    offered = zsh("verb", "")
    named = set(re.findall(r"^([a-z]+):", offered, re.M))
    expect_equal(named, set(verbs), "zsh: the first word")
    # what is refused beside an option stands in parentheses before it
    offers = lambda text: set(re.findall(OPTION, re.sub(r"^\([^)]*\)", "", text, flags=re.M)))
    for verb, options in verbs.items():
        text = zsh("argument", verb)
        # the first half are the options of all verbs
        expect_equal(offers(text) - common, options, f"zsh: {verb}")
        for option in options:
            listed = re.search(rf"{option}=.*\(([^)]*)\)$", text, re.M)
            if option in words and option != "--mode":
                expect_equal(set(listed[1].split()) if listed else set(), words[option],
                             f"zsh: {verb} {option}")
    expect_equal(common - offers(zsh("argument", "status")), set(), "zsh: options of all verbs")


def check_program(verbs, common):
    """It takes every verb with every option of all: an unknown one is named with 2, before
    anything is asked of a bus that is not there."""
    env = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nowhere/bus")
    text = run(P2SCTL, "--help").stdout
    needed = {"run": ["true"], "ports": ["list"], "dscp": ["list"]}
    for verb in verbs:
        done = run(P2SCTL, verb, "--help", env=env)
        if (done.returncode, done.stdout) != (0, text):
            failures.append(f"{verb} --help: {done.returncode} {done.stderr}")
        done = run(P2SCTL, "--json", verb, *needed.get(verb, []), env=env)
        if done.returncode != 3:
            failures.append(f"--json {verb}: {done.returncode} {done.stderr}")
        done = run(P2SCTL, verb, "--no-such-option", env=env)
        if done.returncode != 2 and verb != "run":
            failures.append(f"{verb} --no-such-option: {done.returncode}")


def main():
    if not os.access(P2SCTL, os.X_OK):
        print(f"skipped: no {P2SCTL}")
        return 77
    verbs, common, words = read_help()
    if len(verbs) < 15 or len(common) < 4 or len(words) < 3:
        failures.append(f"--help was not understood: {verbs} {common} {words}")
    check_bash(verbs, common, words)
    check_zsh(verbs, common, words)
    check_program(verbs, common)
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
