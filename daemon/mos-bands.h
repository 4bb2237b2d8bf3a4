/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From which estimated MOS on a call is told to be how good: the steps of the E-model's
 * users' satisfaction (ITU-T G.107 annex B, table B.1), by their MOS.  What lies below the
 * last is bad.  gui/gnome-shell/words.js has the same, which a test compares. */
#pragma once

#define MOS_EXCELLENT 4.34
#define MOS_GOOD      4.03
#define MOS_FAIR      3.60
#define MOS_POOR      3.10
