/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modes held by clients: the strongest wins; each dies with its connection. */
#pragma once

#include <systemd/sd-bus.h>

#include "names.h"
#include "util.h"

#define HOLDS_PER_SENDER_MAX 32u
#define HOLDS_MAX            512u
#define HOLD_APPLICATION_MAX 64u
#define HOLD_REASON_MAX      256u

struct hold {
        struct hold *next;
        uint32_t cookie; /* never 0 */
        enum mode mode;
        char *application;
        char *reason;
        char *sender;        /* unique bus name */
        sd_bus_track *track; /* of the sender */
};

struct holds {
        struct hold *first;
        uint32_t last_cookie;
        unsigned n;
};

struct hold *hold_free(struct hold *h);
DEFINE_CLEANUP(struct hold *, hold_free)

/* Copies the strings. */
int hold_new(enum mode mode, const char *application, const char *reason, const char *sender,
             struct hold **ret);

/* Takes ownership; gives it a cookie that no other hold has. */
void holds_add(struct holds *hs, struct hold *h);
struct hold *holds_find(const struct holds *hs, uint32_t cookie);
/* Unlinks it; the caller owns it now. */
struct hold *holds_take(struct holds *hs, uint32_t cookie);
unsigned holds_of(const struct holds *hs, const char *sender);
/* The strongest mode held, or
 * `otherwise` where nobody holds one. */
enum mode holds_strongest(const struct holds *hs, enum mode otherwise);
void holds_clear(struct holds *hs);
