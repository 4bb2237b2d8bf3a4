/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames with numbers, from one end of a link to the other. */
#pragma once

#include "sandbox.h"

/* For them alone; it does not wait. */
int packet_socket(const char *link);

/* size: of the whole frame.  priority: the class that the packet asks for. */
void send_one(int fd, uint32_t number, size_t size, int priority);

/* Takes what is there, which must be in its order from `first` on; how many came. */
uint32_t receive_all(int fd, uint32_t first);

/* Until as many as wanted have come; fails after 5 s. */
void receive_until(int fd, uint32_t *have, uint32_t want);
