/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stood on a link before p2sd changed it, in memory and as a file.
 *
 * The file is written before the first change and removed once everything has
 * been put back, so that after a crash a new process knows what to put back. */
#pragma once

#include "util.h"

#define QDISC_RECORD_ITEMS_MAX   4096 /* an mq and its leaves */
#define QDISC_RECORD_OPTIONS_MAX 4096 /* bytes */

struct qdisc_record_item {
        uint32_t parent;
        uint32_t handle; /* 0: the kernel's own default */
        char kind[16];
        bool has_options;
        bool nested;      /* with NLA_F_NESTED */
        uint8_t *options; /* payload of TCA_OPTIONS as shown */
        size_t n_options;
        /* What to say so that it is shown; as long as options.  NULL: the same.
         * CoDel's 5 ms are shown as 4999 µs, and 4999 would be shown as 4998. */
        uint8_t *say;
};

struct qdisc_record {
        /* which link: its index, and its name or address as one may change */
        unsigned ifindex;
        char name[16];
        uint8_t address[32];
        uint8_t n_address;

        /* what p2sd changed or is about to */
        bool root_taken;
        bool sizes_taken;
        /* what it does away with at the end */
        bool clsact_ours;     /* no clsact stood there … */
        bool ingress_instead; /* … but an ingress qdisc without filters */

        uint32_t txqlen;
        uint32_t gso_max_segs;
        uint32_t gro_max_size;
        uint32_t gro_ipv4_max_size;

        /* the root first, then its children that are not the kernel's own */
        struct qdisc_record_item *items;
        size_t n_items;
};

void qdisc_record_done(struct qdisc_record *r);

/* As text; to be freed. */
int qdisc_record_format(const struct qdisc_record *r, char **ret);
/* -EBADMSG: not a whole record of this version. */
int qdisc_record_parse(const char *text, size_t size, struct qdisc_record *ret);

/* Of the link with that index in dir; written all or nothing.  Loading and
 * removing one that is not there is -ENOENT. */
int qdisc_record_save(const char *dir, const struct qdisc_record *r);
int qdisc_record_load(const char *dir, unsigned ifindex, struct qdisc_record *ret);
int qdisc_record_remove(const char *dir, unsigned ifindex);

/* Indices of all links with a record in dir; to be freed. */
int qdisc_record_list(const char *dir, unsigned **ret, size_t *ret_n);
