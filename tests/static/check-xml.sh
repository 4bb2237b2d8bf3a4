#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The bus contract, the bus policy, the polkit policy and the .ui files parse.
set -eu
cd "$P2S_SOURCE"
command -v xmllint >/dev/null || { echo "SKIP: no xmllint"; exit 77; }
find data gui -name '*.xml' -o -name '*.conf' -o -name '*.policy' -o -name '*.ui' |
    sort | xargs xmllint --noout --nonet
