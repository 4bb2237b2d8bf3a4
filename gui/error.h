/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can go wrong with a request to the service, and how to say it. */
#pragma once

#include <gio/gio.h>

typedef enum P2sError {
        P2S_ERROR_FAILED,        /* the service tried; the message is its own */
        P2S_ERROR_REFUSED,       /* the user may not */
        P2S_ERROR_LINK_BUSY,     /* another program arranges its traffic; message: p2sd's reason */
        P2S_ERROR_NOT_SUPPORTED, /* the kernel cannot */
        P2S_ERROR_AWAY,          /* no answer: gone, or not there */
        P2S_ERROR_TIMED_OUT,     /* no answer, but it is there */
} P2sError;

#define P2S_ERROR (p2s_error_quark())
GQuark p2s_error_quark(void);

/* Takes an error of a D-Bus call, returns one of P2S_ERROR whose message can be
 * shown.  G_IO_ERROR_CANCELLED passes through. */
GError *p2s_error_from_bus(GError *error);
