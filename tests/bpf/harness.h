/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the programs on packets by BPF_PROG_TEST_RUN and reads what they left. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include "packet.h"
#include "flow-id.h"
#include "p2s.skel.h"
#include "util.h"

struct harness {
        struct p2s_bpf *skel;
        struct p2s_settings *settings;
        uint8_t *ports;    /* enum p2s_class by port */
        uint64_t clock_ns; /* arrival of the next packet; used where the clock is the test's */
        uint32_t gso_segs, gso_size;
};

struct outcome {
        uint8_t data[PACKET_MAX];
        size_t size;
        uint32_t priority;
        int verdict; /* TC_ACT_… */
};

/* Leaves the process with 77 where this user or kernel cannot load programs. */
void harness_check(void);

/* ethernet: as of the link.  own_clock: packets arrive when clock_ns says.  The
 * settings begin with a distinct priority for each direction and queue. */
struct harness *harness_new(bool ethernet, bool own_clock);
/* The same that looks for calls, on a clock of its own. */
struct harness *harness_detecting(void);
void harness_free(struct harness *h);
DEFINE_CLEANUP(struct harness *, harness_free)
/* As if no packet had passed: loading anew takes a hundred times as long. */
void harness_forget(struct harness *h);

/* The priority that harness_new chose. */
uint32_t harness_priority(enum p2s_direction direction, enum p2s_queue queue);

/* Returns what the kernel says: newer ones refuse to make an skb with an IP
 * ethertype and less than an IP header (-EINVAL). */
int harness_try(struct harness *h, enum p2s_direction direction, const void *data, size_t size,
                struct outcome *ret);
/* Fails the test unless the program ran. */
void harness_run(struct harness *h, enum p2s_direction direction, const void *data, size_t size,
                 struct outcome *ret);
/* The same for p2s_xdp, which lets everything pass; *ret has no priority. */
void harness_arrive(struct harness *h, const void *data, size_t size, struct outcome *ret);
/* Builds, runs, and returns the queue that the priority stands for. */
enum p2s_queue harness_queue(struct harness *h, enum p2s_direction direction,
                             const struct packet_spec *spec);

struct p2s_totals harness_totals(struct harness *h);
/* The only flow with this SSRC and direction; false = there is none. */
bool harness_flow(struct harness *h, enum p2s_direction direction, uint32_t ssrc,
                  struct p2s_flow_key *key, struct p2s_flow *ret);
/* An entry of the table; false = it is free. */
bool harness_entry(struct harness *h, uint32_t entry, struct p2s_flow_entry *ret);
size_t harness_flow_count(struct harness *h);
