/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that cross the bus and stand in files, and the values behind them. */
#pragma once

#include "p2s-abi.h"
#include "util.h"

/* Each mode adds to the one before; the order is that of strength. */
enum mode {
        MODE_OFF,
        MODE_MONITOR,
        MODE_MARK,
        MODE_SHAPE,
        _MODE_MAX,
};

/* The value a word stands for, or -EINVAL.  NULL is no word. */
int mode_from_string(const char *s);
int p2s_class_from_string(const char *s); /* never P2S_CLASS_NONE */
int p2s_direction_from_string(const char *s);

/* The word for a value: static, never NULL; "unknown" for what is out of range.
 * P2S_CLASS_NONE is "general", as it queues there; P2S_RULE_NONE is "none". */
const char *mode_to_string(enum mode mode);
const char *p2s_class_to_string(enum p2s_class class);
const char *p2s_direction_to_string(enum p2s_direction direction);
const char *p2s_rule_to_string(enum p2s_rule rule);

/* Whether the kernel would take it as an interface name (dev_valid_name()):
 * 1 to 15 bytes, no '/', ':' or white space, not "." or "..".  Stricter than
 * the kernel: printable ASCII alone.  "auto" passes; NULL does not. */
bool link_name_is_valid(const char *name);

/* Whether the name that an interface has is fit for the bus and for a file's line: the
 * kernel takes any bytes but '/', ':' and blanks.  "" passes. */
bool link_name_is_text(const char *name);

/* Whether s is UTF-8 (RFC 3629) without control characters (C0, DEL, C1) and at
 * most max bytes long.  Fit for a label, and to be logged. */
bool text_is_valid(const char *s, size_t max);
