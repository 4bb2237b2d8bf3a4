/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports from sockets: while p2sd is not off it looks once a second, or while it rests
 * when one opens, which UDP sockets are open and whose they are, hints at the ports of programs
 * that make calls, and names the calls' processes. */
#pragma once

#include "call-owner.h"
#include "kernel.h"

struct Manager;
typedef struct AppPorts AppPorts;

/* Reads the list of programs (app-list.h). */
int app_ports_new(struct Manager *m, AppPorts **ret);
AppPorts *app_ports_free(AppPorts *a);

/* Reads the list again; what it says is in force with the next look. */
int app_ports_reload(AppPorts *a);

/* Starts or stops after the effective mode has changed.  Stopped, it has no
 * descriptor open, and hints at no port. */
int app_ports_set_running(AppPorts *a, bool running);

/* Looks which sockets are open, if it runs.  Called once a second, so that a new
 * one is seen within that. */
void app_ports_look(AppPorts *a);

/* Until app_ports_wake() it looks by itself, when a socket opens and no more than once a
 * second.  What closes then is noticed with the next look.  Negative: this kernel cannot
 * tell; app_ports_look() is still to be called. */
int app_ports_rest(AppPorts *a);
void app_ports_wake(AppPorts *a);

/* Adds P2S_PORT_MEDIA to the ports that it hints at now. */
void app_ports_merge(const AppPorts *a, struct kernel_ports *ports);

/* Whose a call is, by the last look at the sockets; NULL: not known. */
const struct call_owner *app_ports_call_owner(const AppPorts *a, uint32_t call_id);

DEFINE_CLEANUP(AppPorts *, app_ports_free)
