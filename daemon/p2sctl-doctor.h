/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings of p2sctl's own, beside those of Diagnose. */
#pragma once

#include "p2sctl.h"

/* Adds to an array of findings what can be told from here alone: other shapers'
 * services, and whether polkit could ask for a password.  The bus is connected. */
int doctor_look_here(Ctl *c, Value *findings);
