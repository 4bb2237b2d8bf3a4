/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of a link, as SetLink, the files and p2sctl all know them: one table,
 * so that an option is named in one place. */
#pragma once

#include "util.h"

enum link_option {
        LINK_TRUST_INCOMING_DSCP, /* 0, 1: DSCP of incoming packets may name a class */
        LINK_WHEN,                /* enum link_when */
        _LINK_OPTION_MAX,
};

/* When general traffic is held back to make room for calls. */
enum link_when {
        LINK_WHEN_CALL, /* while a call runs */
        LINK_WHEN_ALWAYS,
};

/* Values of all options; all zero is the default of each. */
struct link_options {
        int of[_LINK_OPTION_MAX];
};

enum link_option_type {
        LINK_OPTION_BOOLEAN, /* 0 or 1 */
        LINK_OPTION_WORD,    /* index into words */
};

struct link_option_info {
        const char *name; /* over the bus and, behind "--", for p2sctl */
        const char *key;  /* in files and in Links */
        enum link_option_type type;
        const char *const *words; /* of a LINK_OPTION_WORD; ends with NULL */
};

extern const struct link_option_info link_option_infos[_LINK_OPTION_MAX];

/* By name or by key; -EINVAL. */
int link_option_from_name(const char *name);
int link_option_from_key(const char *key);

/* From text as in a file: a boolean as systemd reads one, or a word.
 * -EINVAL with what would be right in *reason, static. */
int link_option_parse(enum link_option option, const char *text, int *ret, const char **reason);

/* As the bus carries it: -EINVAL where no value of that option is `word`. */
int link_option_word(enum link_option option, const char *word, int *ret);

/* Its words, for a message; to be freed. */
int link_option_list_words(enum link_option option, char **ret);

/* "yes" and "no", or the word; static. */
const char *link_option_format(enum link_option option, int value);

bool link_options_equal(const struct link_options *a, const struct link_options *b);
