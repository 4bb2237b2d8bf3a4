#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# pyflakes finds nothing: no name that is not there, no import that nobody uses.
set -eu
cd "$P2S_SOURCE"
command -v pyflakes3 >/dev/null || { echo "SKIP: no pyflakes3"; exit 77; }
{
    find tests tools -name '*.py' -print
    grep -rlE --exclude-dir=node_modules '^#!.*python3' tests tools
} | grep -v /node_modules/ | sort -u | xargs pyflakes3
