#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cppcheck finds nothing.  What is left out, and why:
#   memleak, resourceLeak         it knows no _cleanup_, which frees at the end of a scope
#   arithOperationsOnVoidPointer  GNU C's void has a size of 1, which headers are walked by
#   readdirCalled                 each directory is read by one thread
#   invalidPrintfArgType_uint     takes an enumeration's constant for signed; -Wformat=2 looks
# The tests of the panel are GLib's, whose macros it would have to read.
set -eu
cd "$P2S_SOURCE"
command -v cppcheck >/dev/null || { echo "SKIP: no cppcheck"; exit 77; }
exec cppcheck --quiet -j 2 --std=c11 --language=c --enable=warning,portability,performance \
    --library=gtk,posix,gnu -I daemon -I bpf -I gui -I tests/bpf/native \
    '-DSD_BUS_PARAM(x)=' '-Dnla_for_each_nested(at, in, left)=if ((left = nla_len(in)))' \
    '-DG_DEFINE_QUARK(q, n)=' '-DG_DEFINE_ENUM_TYPE(t, n, ...)=' '-DLIBBPF_OPTS(type, name, ...)=struct type name = {__VA_ARGS__}' \
    --suppress=memleak --suppress=resourceLeak --suppress=arithOperationsOnVoidPointer \
    --suppress=readdirCalled --suppress=invalidPrintfArgType_uint --suppress=missingInclude -i tests/gui \
    --template='{file}:{line}: {severity}: {message} [{id}]' --error-exitcode=1 bpf daemon gui tests
