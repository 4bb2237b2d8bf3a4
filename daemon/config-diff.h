/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What reading the configuration again has changed. */
#pragma once

#include "config.h"

/* The parts of it that somebody's choice over the bus outranks as a whole. */
enum config_part {
        CONFIG_MODE,
        CONFIG_LINKS,
        CONFIG_PORTS,
        CONFIG_DSCPS,
};

/* One change, as "[Link eth0] Uplink=: unknown, now 9.5 Mbit/s". */
typedef void (*config_change_t)(enum config_part part, const char *change, void *userdata);

/* Tells each change from a to b; returns how many there are, or -ENOMEM. */
int config_diff(const struct config *a, const struct config *b, config_change_t told,
                void *userdata);
