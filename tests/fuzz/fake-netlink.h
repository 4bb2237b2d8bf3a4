/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's side of every netlink socket of this process, played from bytes: what
 * p2sd's real readers, and libnl's, call recv for.
 *
 * The bytes are messages: one that picks the type, one of flags, two of length, then as
 * many of payload.  What they do not say (sequence numbers, the sender) is right, so that
 * the messages are looked at.  Once they are used up, each read is the end of a dump, or
 * -EAGAIN for who asked for announcements. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void fake_netlink_play(const uint8_t *data, size_t size, bool announcements);
