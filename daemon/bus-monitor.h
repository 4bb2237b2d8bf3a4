/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Live figures: who gets a Sample how often.
 *
 * Clients of the same interval share one stream of rows.  In mode "off" no timer runs. */
#pragma once

#include <systemd/sd-bus.h>

#include "kernel.h"
#include "sample.h"

#define SUBSCRIBE_MIN_USEC (100 * USEC_PER_MSEC)
#define SUBSCRIBE_MAX_USEC (10 * USEC_PER_SEC)
#define SUBSCRIBERS_MAX    4096u

struct Manager;
typedef struct Monitor Monitor;

int monitor_new(struct Manager *m, Monitor **ret);
Monitor *monitor_free(Monitor *mon);

/* Starts or stops all timers after the effective mode has changed. */
int monitor_set_running(Monitor *mon, bool running);

/* The sender of msg gets a row each *ret_granted µs from now on.  -EBUSY: too
 * many subscribers. */
int monitor_subscribe(Monitor *mon, sd_bus_message *msg, uint64_t interval_usec,
                      uint64_t *ret_granted);
void monitor_unsubscribe(Monitor *mon, const char *sender);

bool monitor_has_clients(const Monitor *mon);

/* The fields of Sample, in its order. */
int monitor_append_sample(sd_bus_message *m, const char *link, const struct sample *s);

DEFINE_CLEANUP(Monitor *, monitor_free)
