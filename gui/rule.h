/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What puts packets in a class: a range of ports, or a DSCP value.  What is valid is
 * decided by p2sd's own code, compiled in. */
#pragma once

#include <gio/gio.h>

#define P2S_TYPE_RULE (p2s_rule_get_type())
G_DECLARE_FINAL_TYPE(P2sRule, p2s_rule, P2S, RULE, GObject)

/* Never changed once made, hence open to read. */
struct _P2sRule {
        GObject parent_instance;
        guint first, last; /* ports, or the DSCP value in both */
        char *class;       /* "voice", "video", "general" or a later word */
        char *label;       /* may be empty */
};

P2sRule *p2s_rule_new(guint first, guint last, const char *class, const char *label);
gboolean p2s_rule_equal(const P2sRule *a, const P2sRule *b);

/* Reads what a person typed: "5060", "3478-3481", with spaces or a dash of any kind.
 * NULL: *problem (translated, new) says what is wrong with it. */
P2sRule *p2s_rule_parse_ports(const char *ports, const char *class, const char *label,
                              char **problem);

/* "46", "0x2e" or a name of IANA's registry ("EF"); else as above. */
P2sRule *p2s_rule_parse_dscp(const char *dscp, const char *class, char **problem);

/* "5060" or "3478–3481", as one may type it.  A new string. */
char *p2s_rule_ports(const P2sRule *self);

/* The ports for a sentence or a list: on one line, and from left to right in every script.
 * A new string. */
char *p2s_rule_ports_words(const P2sRule *self);

/* "46 (EF)".  A new string. */
char *p2s_rule_dscp(const P2sRule *self);

/* The rules (P2sRule, may be NULL) that adding some to others and taking one out
 * (either may be NULL) makes; what overlaps is re-classed, as AddPorts does.  NULL:
 * *problem as above. */
GPtrArray *p2s_rules_change(GListModel *rules, P2sRule *without, GPtrArray *with, char **problem);

/* Whether these ports have the class of the rule already. */
gboolean p2s_rules_cover(GListModel *rules, const P2sRule *rule);

/* The class in words, translated: "Voice".  An unknown one is itself. */
const char *p2s_class_title(const char *class);
