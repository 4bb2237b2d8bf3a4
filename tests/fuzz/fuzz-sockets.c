/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer: any bytes as the kernel's list of UDP sockets, twice, with the table of them. */
#include <sys/socket.h>

#include "fake-netlink.h"
#include "socket-table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_socket(const struct udp_socket *s, void *userdata)
{
        if (s->local_port == 0 || s->inode == 0)
                abort();
        return MIN(socket_table_take(userdata, s, NULL, NULL), 0);
}

static void scan(SocketTable *t)
{
        _cleanup_(socket_scan_freep) SocketScan *s = NULL;

        if (socket_scan_new(&s) < 0)
                abort();
        socket_table_begin(t);
        if (socket_scan_run(s, on_socket, t) >= 0)
                (void)socket_table_end(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        SocketTable t;
        size_t half = size / 2;

        socket_table_init(&t);
        fake_netlink_play(data, half, false);
        scan(&t);
        fake_netlink_play(data + half, size - half, false);
        scan(&t);
        socket_table_done(&t);
        return 0;
}
