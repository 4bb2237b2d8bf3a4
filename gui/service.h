/* SPDX-License-Identifier: GPL-2.0-or-later */
/* p2sd as the rest of the panel sees it: properties and models.  The only client
 * of the bus; no GVariant leaves it.
 *
 * Properties, all read-only, all notified:
 *   state           P2sServiceState
 *   mode            what the user chose; NULL while not known
 *   effective-mode  what is in force; NULL while not known
 *   pending         a request to change the mode is under way
 *   link            P2sLink whose samples the series holds; NULL: none
 *   calls-hidden    the user may not see who calls whom */
#pragma once

#include <gio/gio.h>

#include "finding.h"
#include "link.h"
#include "network.h"
#include "rule.h"
#include "series.h"

typedef enum P2sServiceState {
        P2S_SERVICE_CONNECTING, /* not known yet */
        P2S_SERVICE_NO_BUS,     /* no system bus */
        P2S_SERVICE_MISSING,    /* not installed */
        P2S_SERVICE_STOPPED,    /* installed, not running */
        P2S_SERVICE_AWAY,       /* was running a moment ago; perhaps it restarts */
        P2S_SERVICE_RUNNING,
} P2sServiceState;

#define P2S_TYPE_SERVICE_STATE (p2s_service_state_get_type())
GType p2s_service_state_get_type(void);

#define P2S_TYPE_SERVICE (p2s_service_get_type())
G_DECLARE_FINAL_TYPE(P2sService, p2s_service, P2S, SERVICE, GObject)

/* Begins to connect at once. */
P2sService *p2s_service_new(void);

P2sServiceState p2s_service_get_state(P2sService *self);
const char *p2s_service_get_mode(P2sService *self);
const char *p2s_service_get_effective_mode(P2sService *self);
gboolean p2s_service_get_pending(P2sService *self);
P2sLink *p2s_service_get_link(P2sService *self);
gboolean p2s_service_get_calls_hidden(P2sService *self);

/* The same objects as long as the service lives.  links: of P2sLink, calls: of P2sCall. */
P2sSeries *p2s_service_get_series(P2sService *self);
GListModel *p2s_service_get_links(P2sService *self);
GListModel *p2s_service_get_calls(P2sService *self);

/* P2sCall that have ended since the panel was started, the latest first. */
GListModel *p2s_service_get_ended_calls(P2sService *self);

/* The same: of P2sRule, sorted. */
GListModel *p2s_service_get_rules(P2sService *self);
GListModel *p2s_service_get_dscps(P2sService *self);

/* The same: of P2sNetwork, the one met last first. */
GListModel *p2s_service_get_networks(P2sService *self);

/* The same: of P2sFinding, as of the last p2s_service_diagnose(). */
GListModel *p2s_service_get_findings(P2sService *self);
void p2s_service_diagnose(P2sService *self);

/* Calls that run on any link, as of the last samples. */
guint p2s_service_get_n_calls(P2sService *self);

/* Shows the samples of the link of this name, as long as there is one; NULL: of the
 * one that fits best. */
void p2s_service_choose_link(P2sService *self, const char *name);

/* Whether somebody looks: samples are asked for only then. */
void p2s_service_set_live(P2sService *self, gboolean live);

/* Whether somebody wants to know how good calls are without looking: while calls run,
 * their figures are read at long intervals. */
void p2s_service_set_watched(P2sService *self, gboolean watched);

/* Asks for a mode; the user may be asked for a password.  When it finishes, mode
 * and effective-mode hold what the service says is so, whether it worked or not.
 * Errors: P2S_ERROR. */
void p2s_service_set_mode_async(P2sService *self, const char *mode, GAsyncReadyCallback callback,
                                gpointer data);
/* The same for whoever only knows on and off: the mode of that kind that was in force
 * last, "shape" and "off" at first.  Ends with p2s_service_set_mode_finish(), too. */
void p2s_service_prioritise_async(P2sService *self, gboolean on, GAsyncReadyCallback callback,
                                  gpointer data);
gboolean p2s_service_set_mode_finish(P2sService *self, GAsyncResult *result, GError **error);

/* Asks for all rules (P2sRule) at once, for a link, to let go of one, or to forget the
 * rates of a network; the user may be asked for a password.  The models follow when the service has
 * told of it. options: a{sv} of SetLink.  Errors: P2S_ERROR. */
void p2s_service_set_rules_async(P2sService *self, GPtrArray *rules, GAsyncReadyCallback callback,
                                 gpointer data);
void p2s_service_set_dscps_async(P2sService *self, GPtrArray *dscps, GAsyncReadyCallback callback,
                                 gpointer data);
void p2s_service_set_link_async(P2sService *self, const char *name, guint64 uplink_bps,
                                guint64 downlink_bps, GVariant *options,
                                GAsyncReadyCallback callback, gpointer data);
void p2s_service_unset_link_async(P2sService *self, const char *name, GAsyncReadyCallback callback,
                                  gpointer data);
void p2s_service_forget_network_async(P2sService *self, const P2sNetwork *network,
                                      GAsyncReadyCallback callback, gpointer data);
gboolean p2s_service_request_finish(P2sService *self, GAsyncResult *result, GError **error);

/* Has the bus start the service.  Errors: P2S_ERROR. */
void p2s_service_start_async(P2sService *self, GAsyncReadyCallback callback, gpointer data);
gboolean p2s_service_start_finish(P2sService *self, GAsyncResult *result, GError **error);

/* Asks to see the calls, with a password if need be. */
void p2s_service_unhide_calls(P2sService *self);
