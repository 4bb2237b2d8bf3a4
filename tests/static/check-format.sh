#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# C sources look as .clang-format says.
set -eu
cd "$P2S_SOURCE"
command -v clang-format >/dev/null || { echo "SKIP: no clang-format"; exit 77; }
find bpf daemon gui tests \( -name '*.c' -o -name '*.h' \) -print | sort |
    xargs clang-format --dry-run --Werror
