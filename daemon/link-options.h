/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of a link, as SetLink, the files and p2sctl all know them: one table,
 * so that an option is named in one place. */
#pragma once

#include "util.h"

enum link_option {
        LINK_TRUST_INCOMING_DSCP, /* 0, 1: DSCP of incoming packets may name a class */
        LINK_WHEN,                /* enum link_when */
        LINK_LAYER,               /* enum link_layer */
        LINK_OVERHEAD,            /* bytes on top of an IP packet; by link_option_number() */
        LINK_FORCE,               /* 0, 1: take the link even where it cannot be put back */
        LINK_XDP,                 /* enum link_xdp */
        _LINK_OPTION_MAX,
};

/* When general traffic is held back to make room for calls. */
enum link_when {
        LINK_WHEN_CALL, /* while a call runs */
        LINK_WHEN_ALWAYS,
};

/* Whether incoming packets are marked where the link forwards. */
enum link_xdp {
        LINK_XDP_AUTO, /* behind the driver, where it leads on to another link of hardware */
        LINK_XDP_OFF,
        LINK_XDP_NATIVE, /* in the driver where that can, whatever it leads on to */
};

/* What the narrow hop is made of (line-layer.h). */
enum link_layer {
        LINK_LAYER_NONE, /* packets are as large as the kernel counts them */
        LINK_LAYER_ETHERNET,
        LINK_LAYER_DOCSIS,
        LINK_LAYER_VDSL,
        LINK_LAYER_PPPOE_VDSL,
        LINK_LAYER_ATM,
};

/* Values of all options; all zero is the default of each. */
struct link_options {
        int of[_LINK_OPTION_MAX];
};

enum link_option_type {
        LINK_OPTION_BOOLEAN, /* 0 or 1 */
        LINK_OPTION_WORD,    /* index into words */
        LINK_OPTION_NUMBER,  /* 0 = not given: "auto" in text; see link_option_number() */
};

struct link_option_info {
        const char *name; /* over the bus and, behind "--", for p2sctl */
        const char *key;  /* in files and in Links */
        enum link_option_type type;
        const char *const *words; /* of a LINK_OPTION_WORD; ends with NULL */
        int min, max;             /* of a LINK_OPTION_NUMBER */
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

/* The number as a value; -ERANGE. */
int link_option_from_number(enum link_option option, int number, int *ret);
/* Whether the number was given, and which. */
bool link_option_number(const struct link_options *options, enum link_option option, int *ret);

/* What it takes, for a message: "one of call, always"; to be freed. */
int link_option_explain(enum link_option option, char **ret);

/* "yes" and "no", the word, or the number; static or in buf. */
#define LINK_OPTION_TEXT_MAX 16
const char *link_option_format(enum link_option option, int value,
                               char buf[static LINK_OPTION_TEXT_MAX]);

bool link_options_equal(const struct link_options *a, const struct link_options *b);
