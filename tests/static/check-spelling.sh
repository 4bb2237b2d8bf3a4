#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# No word that codespell knows to be misspelt, in what people read.
set -eu
cd "$P2S_SOURCE"
command -v codespell >/dev/null || { echo "SKIP: no codespell"; exit 77; }
codespell --quiet-level=2 --ignore-words=tests/static/spelling.txt \
    --skip='*.gz,*.png,*.svg,*.lock,package-lock.json,*.po,./build*,./out,./.git,node_modules,__pycache__,./docs/table,./docs/evaluation' .
