/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel lacks, in words.  Pure. */
#pragma once

#include <glib.h>

/* word: of a link's Degraded ("no fq_codel").  *consequence: what it means, *remedy:
 * what to do; translated, static.  FALSE: the word is not known here, and both say
 * only that. */
gboolean p2s_degraded_words(const char *word, const char **consequence, const char **remedy);
