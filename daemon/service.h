/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manager as a service: its bus name, its signals, systemd's wishes. */
#pragma once

#include "manager.h"

/* Puts the object on the system bus, brings the links in line, takes the name,
 * tells systemd, and runs until SIGTERM, SIGINT or the bus ends.  Logs. */
int service_run(Manager *m);
