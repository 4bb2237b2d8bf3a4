/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings of Diagnose in plain words. */
#pragma once

#include "p2sctl-value.h"

/* What is wrong, and what to do about it ("" where nothing is known): one line each,
 * to be freed.  A code that is not known is told as it is.  -ENOMEM. */
int finding_words(const Value *finding, char **ret_what, char **ret_advice);
