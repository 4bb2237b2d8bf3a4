#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every shell script passes shellcheck.
set -eu
cd "$P2S_SOURCE"
command -v shellcheck >/dev/null || { echo "SKIP: no shellcheck"; exit 77; }
grep -rlE --exclude-dir=.git --exclude-dir='build*' --exclude-dir=out \
    --exclude-dir=node_modules \
    '^#!/bin/(ba)?sh' .ci tools tests gui data daemon bpf debian | sort |
    xargs shellcheck -x -P tools -e SC1091
