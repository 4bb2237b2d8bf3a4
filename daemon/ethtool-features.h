/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which offloads of an interface are on, as "ethtool -k" shows them. */
#pragma once

#include "util.h"

/* on[i]: whether the feature of that name (the kernel's, "hw-tc-offload") is active;
 * false for one this kernel does not know.  -ENODEV, -EOPNOTSUPP. */
int ethtool_features(const char *interface, const char *const names[], size_t n, bool on[]);
