/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every verb of p2sctl works with: the command line, the bus, the refusal.
 *
 * A verb returns 0, or a negative errno with the reason left in the Ctl; main()
 * alone prints it and turns it into an exit status. */
#pragma once

#include <inttypes.h>
#include <systemd/sd-bus.h>

#include "p2sctl-value.h"
#include "util.h"

#define P2S_NAME      "org.p2s.Manager"
#define P2S_PATH      "/org/p2s/Manager"
#define P2S_INTERFACE "org.p2s.Manager"

/* Exit statuses, documented in p2sctl(1). */
enum ctl_status {
        CTL_OK = 0,
        CTL_FAILED = 1,
        CTL_USAGE = 2,
        CTL_UNAVAILABLE = 3,
        CTL_UNAUTHORISED = 4,
};

enum ctl_option {
        OPT_JSON,
        OPT_NO_ASK_PASSWORD,
        OPT_HELP,
        OPT_VERSION,
        OPT_MODE,
        OPT_UPLINK,
        OPT_DOWNLINK,
        OPT_TRUST_INCOMING_DSCP, /* as enum link_option, from here on */
        OPT_WHEN,
        OPT_LINKLAYER,
        OPT_OVERHEAD,
        OPT_FORCE,
        OPT_XDP,
        OPT_REMOVE,
        OPT_NETWORKS,
        OPT_FORGET,
        OPT_LAST,
        OPT_INTERVAL,
        OPT_CSV,
        OPT_LINK,
        OPT_OUTPUT,
        OPT_OPENMETRICS,
        _OPT_MAX,
};

typedef struct Agent Agent;

typedef struct Ctl {
        sd_bus *bus;                  /* opened by the first call */
        Agent *agent;                 /* asks for a password on this terminal */
        const char *option[_OPT_MAX]; /* its argument, "" for a flag, NULL if not given */
        bool json;
        bool ask;
        bool terminal; /* standard output is one */
        bool color;
        bool utf8;
        unsigned columns;   /* of the output; UINT_MAX: no limit */
        char *subject;      /* what the verb is about, for an error: "link eth0" */
        const char *hint;   /* and what to do about an error of the service */
        sd_bus_error error; /* of the call that failed */
        char *refusal;      /* or p2sctl's own reason */
        enum ctl_status status;
} Ctl;

/* p2sctl-bus.c */

/* Connects to the system bus if that has not been done.  -ECONNREFUSED … when
 * there is none. */
int ctl_connect(Ctl *c);

/* Prepares a call of one of the manager's methods, to be filled and sent. */
int ctl_new_call(Ctl *c, const char *member, sd_bus_message **ret);

/* Sends it and waits.  ask: polkit may ask a person (unless --no-ask-password was
 * given), and the call waits as long as one needs to answer.
 * *ret (may be NULL): the arguments of the reply, a VALUE_STRUCT. */
int ctl_send(Ctl *c, sd_bus_message *m, bool ask, Value **ret);

/* Both in one, for arguments of basic types. */
int ctl_call(Ctl *c, bool ask, const char *member, Value **ret, const char *types, ...);

/* All properties as a VALUE_DICT; the fields of Ports and Dscps have names. */
int ctl_properties(Ctl *c, Value **ret);

/* Names what the verb is about. */
_printf_(2, 3) int ctl_subject(Ctl *c, const char *format, ...);

/* Gives up for a reason of p2sctl's own; returns -ECANCELED. */
_printf_(3, 4) int ctl_refuse(Ctl *c, enum ctl_status status, const char *format, ...);

/* Prints the one line for a verb that returned r < 0 and returns the exit status. */
enum ctl_status ctl_explain(Ctl *c, int r);

/* p2sctl.c: sets columns to what the terminal has now. */
void ctl_measure_terminal(Ctl *c);

/* p2sctl-agent.c */

/* Starts polkit's text agent where a person sits at a terminal; without one, or
 * without the program, does nothing.  Failing to ask is no error here: the call
 * that needs an answer says so. */
void agent_open(Agent **agent);
void agent_close(Agent *a);

/* p2sctl-mode.c: the mode in force, and on whose word, in one line. */
int mode_describe(const Value *properties, char **ret);

/* p2sctl-link-show.c: the links as a table behind so many spaces; and the verb's
 * own picture of one (by name or interface) or of all (NULL). */
int link_table(const Ctl *c, const Value *links, unsigned indent);
int link_show(Ctl *c, const char *name);
/* p2sctl-network.c; interface NULL: of all */
int network_list(Ctl *c, const char *interface);
int network_forget(Ctl *c, const char *interface, const char *network);

/* The verbs, one file each.  argv[0] is the verb. */
int verb_status(Ctl *c, int argc, char **argv);
int verb_mode(Ctl *c, int argc, char **argv);
int verb_link(Ctl *c, int argc, char **argv);
int verb_ports(Ctl *c, int argc, char **argv);
int verb_dscp(Ctl *c, int argc, char **argv);
int verb_calls(Ctl *c, int argc, char **argv);
int verb_stats(Ctl *c, int argc, char **argv);
int verb_history(Ctl *c, int argc, char **argv);
int verb_doctor(Ctl *c, int argc, char **argv);
int verb_log(Ctl *c, int argc, char **argv);
int verb_metrics(Ctl *c, int argc, char **argv);
int verb_watch(Ctl *c, int argc, char **argv);
int verb_run(Ctl *c, int argc, char **argv);
int verb_reset(Ctl *c, int argc, char **argv);
int verb_reload(Ctl *c, int argc, char **argv);
