/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of P2S's own D-Bus errors; which method gives which is written in
 * org.p2s.Manager.xml. */
#pragma once

#define P2S_ERROR_INVALID_MODE    "org.p2s.Error.InvalidMode"
#define P2S_ERROR_INVALID_HOLD    "org.p2s.Error.InvalidHold"
#define P2S_ERROR_INVALID_PORTS   "org.p2s.Error.InvalidPorts"
#define P2S_ERROR_INVALID_DSCPS   "org.p2s.Error.InvalidDscps"
#define P2S_ERROR_INVALID_LINK    "org.p2s.Error.InvalidLink"
#define P2S_ERROR_NO_SUCH_LINK    "org.p2s.Error.NoSuchLink"
#define P2S_ERROR_NO_SUCH_NETWORK "org.p2s.Error.NoSuchNetwork"
#define P2S_ERROR_INVALID_RATE    "org.p2s.Error.InvalidRate"
#define P2S_ERROR_INVALID_OPTION  "org.p2s.Error.InvalidOption"
#define P2S_ERROR_LINK_BUSY       "org.p2s.Error.LinkBusy"
#define P2S_ERROR_NOT_SUPPORTED   "org.p2s.Error.NotSupported"
#define P2S_ERROR_FAILED          "org.p2s.Error.Failed"
