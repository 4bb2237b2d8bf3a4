/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BPF object of one link and the maps it is read through.
 *
 * One object is loaded per link, so that what never changes on a link (where
 * its IP header begins) is read-only data that the verifier folds away, and
 * totals and flows need no link in their key.  The port rules and the ring of
 * events are maps that all objects share.  Attaching is tc-filter's work. */
#pragma once

#include "kernel.h"

typedef struct Classifier Classifier;
typedef struct ClassifierShared ClassifierShared;

/* What all objects share: the port rules, mapped into this process, and the ring by
 * which the programs say that a call has begun (struct p2s_settings.announce). */
int classifier_shared_new(ClassifierShared **ret);
void classifier_shared_free(ClassifierShared *p);
void classifier_shared_set_ports(ClassifierShared *p, const struct kernel_ports *ports);
/* Pollable; and its reader, which calls back once for each event. */
int classifier_shared_event_fd(const ClassifierShared *p);
int classifier_shared_dispatch(ClassifierShared *p, void (*callback)(unsigned ifindex, void *),
                               void *userdata);

/* Loads the programs.  ethernet: frames begin with an Ethernet header, else with
 * the IP header.  libbpf's own words, the last 4 KiB of them, go to *log on
 * failure, to be freed.  Needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON (without the
 * last, the verifier refuses what it takes for a leak of pointers). */
int classifier_new(ClassifierShared *shared, bool ethernet, Classifier **ret, char **log);
void classifier_free(Classifier *c);

/* Descriptor of the program for one direction; owned by the object. */
int classifier_program_fd(Classifier *c, enum p2s_direction direction);

/* Those for XDP, in the driver and behind it. */
void classifier_xdp_fds(Classifier *c, int *ret_native, int *ret_generic);

void classifier_settings(Classifier *c, const struct p2s_settings *settings);
int classifier_totals(Classifier *c, struct p2s_totals *ret);
int classifier_flows(Classifier *c, struct kernel_flow **ret, size_t *ret_n);
int classifier_forget(Classifier *c, const struct p2s_flow_key *key);
void classifier_forget_all(Classifier *c);

DEFINE_CLEANUP(ClassifierShared *, classifier_shared_free)
DEFINE_CLEANUP(Classifier *, classifier_free)
