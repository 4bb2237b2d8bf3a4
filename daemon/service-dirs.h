/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the service may write, as systemd tells it or by default. */
#pragma once

/* What the user chose: $STATE_DIRECTORY or /var/lib/p2s. */
const char *service_state_dir(void);
/* What stood on the links before: $RUNTIME_DIRECTORY or /run/p2s. */
const char *service_runtime_dir(void);
