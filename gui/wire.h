/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes over the bus, turned into objects.  Values of a later release are
 * let pass, missing ones stay empty; nothing here fails.  Pure. */
#pragma once

#include <glib.h>

#include "sample.h"

/* One row: the body of the signal Sample, or an element of GetHistory's answer. */
P2sSample *p2s_wire_sample(GVariant *row);

/* GetHistory's answer; P2sSample, oldest first. */
GPtrArray *p2s_wire_history(GVariant *reply);

/* GetCalls' answer; P2sCall. */
GPtrArray *p2s_wire_calls(GVariant *reply);

/* The property Links (NULL: none); P2sLink. */
GPtrArray *p2s_wire_links(GVariant *links);

/* The property Networks (NULL: none); P2sNetwork. */
GPtrArray *p2s_wire_networks(GVariant *networks);
