/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In place of what bpftool makes: the same names, for the programs as object.c has them, so
 * that harness.c and the tests are the same whoever runs the programs. */
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "object.h"

struct native_rodata {
        uint8_t link_ethernet, test_clock;
        uint32_t flow_secret[FLOW_ID_SECRETS];
};

struct p2s_bpf {
        struct {
                struct bpf_map *flows, *clock_guesses, *totals, *tuples, *sources, *markers,
                        *events, *bss;
        } maps;
        struct {
                struct bpf_program *p2s_egress, *p2s_ingress, *p2s_xdp, *p2s_mark_video;
        } progs;
        struct native_rodata *rodata;
        struct {
                struct p2s_settings settings;
        } * data_settings;
        struct {
                uint8_t port_class[65536];
        } * data_ports;
        struct {
                struct flow_index flow_index;
        } * bss;
        struct native *native;
};

struct p2s_bpf *p2s_bpf__open(void);
int p2s_bpf__load(struct p2s_bpf *skel);
void p2s_bpf__destroy(struct p2s_bpf *skel);
