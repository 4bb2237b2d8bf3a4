/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A network namespace of its own for each test, with a link to act on, and the
 * ways to look at it that a user has: tc and ip. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernel.h"
#include "util.h"

struct sandbox {
        char dir[64]; /* runtime directory */
        Kernel *kernel;
        struct kernel_capabilities can;
        struct link_facts facts;
        KernelLink *link;
};

/* Ends with 77 and a reason where it cannot be had. */
void sandbox_require(void);

/* Enters a fresh namespace with v0 and v1, two ends of a wire, both up, and opens
 * the kernel.  Nothing is left of the namespace before. */
void sandbox_enter(struct sandbox *s);
void sandbox_leave(struct sandbox *s);

/* Closes and opens the kernel again, as after a restart. */
void sandbox_restart(struct sandbox *s);

/* Takes a link; asserts that it can be taken. */
void sandbox_take(struct sandbox *s, const char *name);

/* Each asserts success.  Rates of 0: that direction is not shaped. */
void sandbox_shape(struct sandbox *s, uint64_t uplink_bps, uint64_t downlink_bps);
/* As while no call runs. */
void sandbox_loosen(struct sandbox *s, uint64_t uplink_bps, uint64_t downlink_bps);
void sandbox_classify(struct sandbox *s);
void sandbox_off(struct sandbox *s);
struct link_plan sandbox_plan(const struct sandbox *s, uint64_t uplink_bps, uint64_t downlink_bps);

/* Another process takes the link s->facts tells of, makes it as `from`, goes on to `to`,
 * and is killed in the place of its n-th change by netlink, or leaves all standing where it
 * makes fewer.  Returns whether it was killed. */
bool sandbox_die_at(struct sandbox *s, unsigned n, const struct link_plan *from,
                    const struct link_plan *to);

/* Runs a shell command; asserts that it succeeds. */
void sh(const char *format, ...) _printf_(1, 2);
bool sh_try(const char *format, ...) _printf_(1, 2);
/* What it prints; to be freed. */
char *sh_output(const char *format, ...) _printf_(1, 2);

/* Every link, qdisc, class and filter of the namespace as `tc -j` and `ip -j -d`
 * show them; to be freed. */
char *snapshot(void);
/* The same without what a new IFB or action gets a new number for. */
char *snapshot_numberless(void);
void assert_same(const char *before, const char *after);
/* Nothing of p2sd's is in the namespace or in the runtime directory. */
void assert_no_trace(const struct sandbox *s);
/* All is as `before`, a snapshot(), and nothing of p2sd's is left. */
void assert_restored(const struct sandbox *s, const char *before);

int sandbox_setup(void **state);
int sandbox_teardown(void **state);
#define kernel_test(f) cmocka_unit_test_setup_teardown(f, sandbox_setup, sandbox_teardown)
