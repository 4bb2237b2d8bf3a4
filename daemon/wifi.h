/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nl80211 says of a Wi-Fi interface. */
#pragma once

#include "util.h"

/* Whether its radio sleeps between beacons, which keeps incoming packets waiting for
 * up to some 100 ms.  1, 0, or a negative errno where it is no Wi-Fi interface or
 * does not say. */
int wifi_power_save(unsigned ifindex);
