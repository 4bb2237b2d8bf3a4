#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# clang-tidy and gcc -fanalyzer find nothing in what tools/analyze is asked to read.
set -eu
cd "$P2S_SOURCE"
for program in clang-tidy gcc; do
    command -v $program >/dev/null || { echo "SKIP: no $program"; exit 77; }
done
exec tools/analyze --build "$P2S_BUILD" "$@"
