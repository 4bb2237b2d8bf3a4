/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in the way of clear calls: facts in, findings out.  Pure. */
#pragma once

#include "kernel.h"
#include "names.h"

enum severity {
        SEVERITY_NOTE,    /* to be known; no harm by itself */
        SEVERITY_WARNING, /* calls fare worse than they could */
        SEVERITY_ERROR,   /* calls are not looked after */
};

const char *severity_to_string(enum severity severity);

/* One argument of a finding: a string, or where that is NULL a number. */
struct finding_argument {
        const char *name; /* "Feature", "RateBps"; NULL: none */
        const char *string;
        uint64_t number;
};

#define FINDING_ARGUMENTS_MAX 3

/* The codes stand in org.p2s.Manager.xml.  Strings belong to the facts. */
struct finding {
        const char *code;
        enum severity severity;
        const char *link;      /* as it is managed, or NULL */
        const char *interface; /* that it stands for now, or NULL */
        struct finding_argument arguments[FINDING_ARGUMENTS_MAX];
};

/* How a link fared lately, in one direction. */
struct diagnosis_figures {
        uint64_t packets;       /* of voice, in intervals that had a jitter */
        uint64_t jitter_usec;   /* of voice, mean weighted by packets */
        uint64_t lost;          /* of voice */
        uint64_t drops;         /* by p2sd's queues, all classes */
        uint64_t backlog_bytes; /* in them, mean over the intervals' ends */
        uint64_t bitrate_bps;   /* of all classes, mean */
};

struct diagnosis_link {
        const char *name;
        const char *interface; /* "" while absent */
        const char *state;     /* "active" … */
        const char *reason;    /* or NULL */
        bool present;          /* it stands for an interface now */
        unsigned num_tx_queues;
        uint64_t rate_bps[_P2S_DIRECTION_MAX];
        bool shaped[_P2S_DIRECTION_MAX];
        struct link_surroundings around; /* zeroes where not present */
        struct diagnosis_figures figures[_P2S_DIRECTION_MAX];
};

struct diagnosis_facts {
        enum mode mode; /* in force */
        struct kernel_capabilities kernel;
        const struct diagnosis_link *links;
        size_t n_links;
};

/* Tells each finding, the worst of a link or of the kernel first as they come. */
void diagnose(const struct diagnosis_facts *facts,
              void (*told)(const struct finding *finding, void *userdata), void *userdata);
