/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>

#include "frames.h"

/* IEEE 802: for local experiments */
#define ETHERTYPE_TEST 0x88b5

int packet_socket(const char *link)
{
        struct sockaddr_ll to = {
                .sll_family = AF_PACKET,
                .sll_protocol = htons(ETHERTYPE_TEST),
                .sll_ifindex = (int)if_nametoindex(link),
        };
        int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETHERTYPE_TEST)), size = 1 << 24;

        assert_true(fd >= 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
        return fd;
}

void send_one(int fd, uint32_t number, size_t size, int priority)
{
        uint8_t frame[1514] = {[0] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
        const uint16_t type = htons(ETHERTYPE_TEST);
        socklen_t length = sizeof(int);
        int error;

        /* that the link was down once */
        (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
        memcpy(frame + 12, &type, sizeof(type));
        memcpy(frame + 14, &number, sizeof(number));
        (void)setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof(priority));
        if (send(fd, frame, size, 0) < 0)
                assert_int_equal(errno, ENOBUFS); /* a full queue */
}

uint32_t receive_all(int fd, uint32_t first)
{
        uint32_t number, n = 0;
        uint8_t frame[1514];

        while (recv(fd, frame, sizeof(frame), 0) > 0) {
                memcpy(&number, frame + 14, sizeof(number));
                assert_int_equal(number, first + n);
                n++;
        }
        return n;
}

void receive_until(int fd, uint32_t *have, uint32_t want)
{
        const uint64_t give_up = now_usec() + 5 * USEC_PER_SEC;

        while (*have < want && now_usec() < give_up) {
                *have += receive_all(fd, *have);
                (void)usleep(1000);
        }
        assert_int_equal(*have, want);
}
