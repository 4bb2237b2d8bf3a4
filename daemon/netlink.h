/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One rtnetlink socket for everything that p2sd changes, with the kernel's own
 * words on failure, a count of messages, and a way for tests to make any one of
 * them fail. */
#pragma once

#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "util.h"

typedef struct Netlink Netlink;

/* One message of an answer; a negative return ends the call with it. */
typedef int (*netlink_reply_t)(const struct nlmsghdr *nlh, void *userdata);

int netlink_new(Netlink **ret);
void netlink_free(Netlink *nl);

/* Its requests are neither counted nor made to fail: for one in a thread. */
void netlink_unaccounted(Netlink *nl);

/* The socket's port: what nlmsg_pid says in notifications of our own changes. */
uint32_t netlink_port(const Netlink *nl);

/* Sends a request, NLM_F_ACK added, and reads its answer to the end.  reply may
 * be NULL.  -EAGAIN: a dump was interrupted by a change and what was read is not
 * consistent; any other negative errno is the kernel's. */
int netlink_call(Netlink *nl, struct nl_msg *msg, netlink_reply_t reply, void *userdata);

/* The same for a request that changes nothing but what the kernel knows: it is no change,
 * and no test makes it fail. */
int netlink_ask(Netlink *nl, struct nl_msg *msg);

/* The kernel's explanation of the last failure (its extended ack), or "". */
const char *netlink_explain(const Netlink *nl);

/* Requests so far in this process, those that libbpf sends for us included. */
uint64_t netlink_count(void);
/* Those of them that change something. */
uint64_t netlink_changes(void);
/* Counts a change that somebody else is about to send; fails when a test wants
 * that one to. */
int netlink_account(void);
/* For tests: the n-th change from now (1 = the next) fails with -EIO without
 * reaching the kernel; with `crash` the process ends there, as by SIGKILL.
 * 0 = none.  Requests that only read are not counted. */
void netlink_fail_at(unsigned n, bool crash);
/* Whether the failure asked for has happened. */
bool netlink_failed(void);

/* A request with its struct tcmsg, ifinfomsg, rtmsg or ndmsg filled as given. */
int netlink_tc(uint16_t type, int flags, unsigned ifindex, uint32_t parent, uint32_t handle,
               const char *kind, struct nl_msg **ret);
int netlink_link(uint16_t type, int flags, unsigned ifindex, struct nl_msg **ret);
int netlink_route(uint16_t type, int flags, uint8_t family, struct nl_msg **ret);
int netlink_neighbour(uint16_t type, int flags, unsigned ifindex, uint8_t family, uint8_t ntf,
                      struct nl_msg **ret);

DEFINE_CLEANUP(Netlink *, netlink_free)
DEFINE_CLEANUP(struct nl_msg *, nlmsg_free)
