#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit is one that systemd understands, and is confined: an exposure of at most 1.5.
set -eu
command -v systemd-analyze >/dev/null || { echo "SKIP: no systemd-analyze"; exit 77; }
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
sed "s|@sbindir@/p2sd|$P2SD|" "$P2S_SOURCE/daemon/p2sd.service.in" >"$scratch/p2sd.service"

# it names what is wrong with any unit of the machine's
systemd-analyze verify --man=no "$scratch/p2sd.service" 2>&1 | if grep p2sd; then exit 1; fi
systemd-analyze security --offline=true --no-pager --threshold=15 "$scratch/p2sd.service" \
    >"$scratch/report" || { cat "$scratch/report"; exit 1; }
tail -n 1 "$scratch/report"
# libnl reads /proc/net/psched: without it HTB's arithmetic is wrong
if grep -x ProcSubset=pid "$scratch/p2sd.service"; then exit 1; fi
