/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the programs know of all flows, as lines for a test to read. */
#pragma once

#include "harness.h"

/* One line a flow: source, its port, destination, its port, SSRC, rule, class, clock (Hz),
 * packets, lost, mean and highest jitter (ms). */
void flows_print(struct p2s_bpf *skel);
