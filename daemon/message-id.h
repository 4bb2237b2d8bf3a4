/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MESSAGE_ID of what p2sd tells the journal; data/p2s.catalog explains each. */
#pragma once

#define MESSAGE_MODE_CHANGED    "9a325d9c6f6a42fa99a509553f20c4a3"
#define MESSAGE_LINK_STATE      "ab5985c68c244d5dafe547e9e6a291c8"
#define MESSAGE_LINK_TROUBLE    "8b6eb5cf38774dcdad1630ea6cba65b9"
#define MESSAGE_CALL_BEGUN      "89f055e1170c4deda0eb6d5a2fbf9a12"
#define MESSAGE_CALL_ENDED      "ab6ad6446a6a4a44b9ee6adc2cb952dd"
#define MESSAGE_KERNEL_DEGRADED "20ba5f7ba57549f9a4807423cd9aee03"
#define MESSAGE_CONFIG_CHANGED  "551ab94646594d0baf9f27ed2aa3f85b"
/* systemd's own, as its daemons use it (sd-messages.h). */
#define MESSAGE_CONFIG_INVALID "c772d24e9a884cbeb9ea12625c306c01"
