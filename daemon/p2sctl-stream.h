/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Samples as they come, over restarts of the service.  Everything here waits on the
 * bus, signals and whatever else the event loop has at once, so that Ctrl-C works
 * whatever the service does. */
#pragma once

#include <systemd/sd-event.h>

#include "p2sctl-sample.h"
#include "p2sctl.h"

#define STREAM_INTERVAL_USEC USEC_PER_SEC

typedef struct Stream Stream;

/* Each may be NULL; a negative errno ends the stream with it. */
struct stream_handler {
        /* The service has granted samples; again: after it had gone away. */
        int (*begun)(bool again, void *userdata);
        /* One sample; row is the same, whose fields have no names yet. */
        int (*sample)(const struct ctl_sample *s, Value *row, void *userdata);
        /* The service has gone away; the stream waits for it to return. */
        int (*gone)(void *userdata);
        /* Its properties, at the beginning and after each change; takes them over. */
        int (*properties)(Value *properties, void *userdata);
};

/* Reads --interval: *ret is STREAM_INTERVAL_USEC without it. */
int stream_interval(Ctl *c, uint64_t *ret);

/* Runs until SIGINT, SIGTERM, SIGHUP or sd_event_exit().  interval_usec: as asked
 * for; the service goes to the nearest it can do. */
int stream_run(Ctl *c, sd_event *event, uint64_t interval_usec,
               const struct stream_handler *handler, void *userdata);
