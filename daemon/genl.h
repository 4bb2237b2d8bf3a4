/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions by generic netlink, which is another family than rtnetlink: a socket of its own. */
#pragma once

#include "netlink.h"

#define GENL_ANSWER_BYTES 16384

/* A descriptor, or negative; its answers do not make one wait for ever. */
int genl_open(void);

/* The number of a family.  Asked for one that is not there, the kernel runs modprobe.
 * buf: GENL_ANSWER_BYTES. */
int genl_find_family(int fd, const char *name, void *buf, uint16_t *ret);

/* flags: NLM_F_DUMP or 0. */
int genl_request(uint16_t family, uint8_t command, int flags, struct nl_msg **ret);

/* The first message that answers, in *buf (GENL_ANSWER_BYTES); tb has max + 1 entries, which
 * point into it.  Negative: as the kernel says. */
int genl_ask(int fd, struct nl_msg *msg, void *buf, struct nlattr **tb, int max);
