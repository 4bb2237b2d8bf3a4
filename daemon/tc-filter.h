/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sd's filters at a link's clsact hooks: one program a direction, and on the
 * way in a redirect of everything to the IFB behind it.
 *
 * Ours are known by handle, range of priority and name; those of others, before
 * and behind, are never touched. */
#pragma once

#include "p2s-abi.h"
#include "tc-list.h"

/* "P2": our program's handle.  Below tc's own first choice (49152), so that a
 * filter added later without a priority does not land in our place. */
#define TC_PROGRAM_HANDLE   0x5032u
#define TC_PROGRAM_PRIORITY 49000
/* Behind everybody: what was redirected does not come back to this hook. */
#define TC_REDIRECT_PRIORITY 65535
/* Where others have a priority of ours, the next ones. */
#define TC_PRIORITY_TRIES 16

/* What stands at one hook. */
struct tc_hook {
        uint16_t program_priority; /* 0: none of ours */
        uint32_t program_id;
        uint16_t redirect_priority; /* 0: none of ours */
        uint32_t redirect_handle;
        unsigned redirect_to;   /* ifindex */
        bool redirect_shared;   /* somebody added a filter at its priority */
        unsigned foreign;       /* filters of somebody else's */
        uint16_t free_program;  /* priority to use for a program … */
        uint16_t free_redirect; /* … and for the redirect; 0: all taken */
};

/* The clsact qdisc: shared by everybody at the link. */
int tc_clsact_add(Netlink *nl, unsigned ifindex);
/* Deletes a clsact or ingress qdisc. */
int tc_clsact_remove(Netlink *nl, unsigned ifindex);
/* A bare ingress qdisc, as before clsact (4.5). */
int tc_ingress_add(Netlink *nl, unsigned ifindex);

/* A hook with nothing at it. */
void tc_hook_init(struct tc_hook *hook);
int tc_hook_get(Netlink *nl, unsigned ifindex, enum p2s_direction direction, struct tc_hook *ret);

/* A message about a filter at a hook. */
int tc_filter_message(uint16_t type, int flags, unsigned ifindex, enum p2s_direction direction,
                      const char *kind, uint16_t priority, uint32_t handle, struct nl_msg **ret);

/* Whether a filter there is our program, and the program's ID. */
bool tc_program_is_ours(const struct tc_object *o, enum p2s_direction direction, uint32_t *ret_id);

/* Makes the program stand there, in direct-action mode; nothing where it does. */
int tc_hook_set_program(Netlink *nl, unsigned ifindex, enum p2s_direction direction,
                        struct tc_hook *hook, int program_fd);
int tc_hook_remove_program(Netlink *nl, unsigned ifindex, enum p2s_direction direction,
                           struct tc_hook *hook);

/* Whether a filter there is our redirect, and where it leads; 0 where its target is
 * gone, which drops all packets. */
bool tc_redirect_is_ours(const struct tc_object *o, unsigned *ret_to);

/* Makes incoming packets that passed all other filters go through `to`. */
int tc_hook_set_redirect(Netlink *nl, unsigned ifindex, struct tc_hook *hook, unsigned to);
int tc_hook_remove_redirect(Netlink *nl, unsigned ifindex, struct tc_hook *hook);
