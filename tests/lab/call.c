/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "call.h"

#define RTP_CLOCK_HZ  48000
#define RTP_OPUS      111
#define PAYLOAD_BYTES 160
#define NS_PER_S      1000000000LL

struct packet {
        uint8_t vpxcc; /* RFC 3550 5.1 */
        uint8_t mpt;
        uint16_t seq;
        uint32_t timestamp;
        uint32_t ssrc;
        uint32_t count; /* seq that does not wrap */
        uint64_t sent_ns;
        uint8_t filling[PAYLOAD_BYTES - 12];
} __attribute__((packed));
_Static_assert(sizeof(struct packet) == 12 + PAYLOAD_BYTES, "RTP header and payload");

volatile sig_atomic_t call_stopped;

static int64_t now_ns(clockid_t clock)
{
        struct timespec ts;

        clock_gettime(clock, &ts);
        return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/* Ahead of what loads the line, so that the call's own machine is not what is measured.
 * Without the right to it the call goes on as it is. */
static void set_realtime(int priority)
{
        struct sched_param param = {.sched_priority = priority};

        (void)pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
}

/* Sends on the beat until the end; the first packet at start_ns. */
static void send_all(struct call *call, int64_t start_ns)
{
        int64_t interval = NS_PER_S / call->pps;
        uint32_t total = (uint32_t)(call->seconds * call->pps);
        uint32_t random[2] = {};
        struct packet packet = {.vpxcc = 2 << 6, .ssrc = htobe32(call->ssrc)};

        (void)!getrandom(random, sizeof(random), 0);
        memset(packet.filling, 0x5a, sizeof(packet.filling));
        set_realtime(50);
        for (uint32_t i = 0; i < total && !call_stopped; i++) {
                int64_t due = start_ns + i * interval;
                struct timespec ts = {.tv_sec = due / NS_PER_S, .tv_nsec = due % NS_PER_S};

                while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) && !call_stopped)
                        ;
                /* the marker bit begins a talk spurt: RFC 3551 4.1 */
                packet.mpt = (uint8_t)(RTP_OPUS | (i == 0 ? 0x80 : 0));
                packet.seq = htobe16((uint16_t)(random[0] + i));
                packet.timestamp = htobe32(random[1] + i * (uint32_t)(RTP_CLOCK_HZ / call->pps));
                packet.count = htobe32(i);
                packet.sent_ns = htobe64((uint64_t)now_ns(CLOCK_MONOTONIC));
                /* a packet the machine's own queue refused is lost, as a call's would be */
                (void)!send(call->fd, &packet, sizeof(packet), 0);
                call->sent = i + 1;
        }
}

/* The time the kernel stamped, on CLOCK_MONOTONIC: stamps are on CLOCK_REALTIME. */
static int64_t received_ns(struct msghdr *msg)
{
        int64_t now = now_ns(CLOCK_MONOTONIC), real = now_ns(CLOCK_REALTIME);

        for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
                struct timespec ts;

                if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
                        continue;
                memcpy(&ts, CMSG_DATA(c), sizeof(ts));
                return now - (real - (ts.tv_sec * NS_PER_S + ts.tv_nsec));
        }
        return now;
}

/* Bytes of UDP and IP before the payload. */
static uint32_t udp_header_bytes(const struct sockaddr_storage *from)
{
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;

        if (from->ss_family == AF_INET || IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
                return 20 + 8;
        return 40 + 8;
}

/* Takes one packet; for the listener the first one is who calls.  1 if it was one of a
 * call, 0 if not, or a negative errno. */
static int receive_one(struct call *call, bool *connected)
{
        struct sockaddr_storage from;
        struct packet packet;
        char control[CMSG_SPACE(sizeof(struct timespec))];
        struct iovec iov = {&packet, sizeof(packet)};
        struct msghdr msg = {
                .msg_name = &from,
                .msg_namelen = sizeof(from),
                .msg_iov = &iov,
                .msg_iovlen = 1,
                .msg_control = control,
                .msg_controllen = sizeof(control),
        };
        struct call_record record;
        ssize_t n = recvmsg(call->fd, &msg, MSG_DONTWAIT);

        if (n < 0) /* ECONNREFUSED: the other end is not there yet, or no longer */
                return errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED ? 0 : -errno;
        if (n != sizeof(packet) || packet.vpxcc != 2 << 6 || (packet.mpt & 0x7f) != RTP_OPUS)
                return 0;
        if (!*connected) {
                if (connect(call->fd, (struct sockaddr *)&from, msg.msg_namelen) < 0)
                        return -errno;
                *connected = true;
        }
        record = (struct call_record){
                .seq = be32toh(packet.count),
                .bytes = (uint32_t)n + udp_header_bytes(&from),
                .sent_ns = (int64_t)be64toh(packet.sent_ns),
                .recv_ns = received_ns(&msg),
        };
        call_log_add(&call->log, &record, NS_PER_S / call->pps);
        return 1;
}

static void *run_sender(void *userdata)
{
        send_all(userdata, now_ns(CLOCK_MONOTONIC) + 10000000);
        return NULL;
}

int call_run(struct call *call)
{
        bool connected = !call->answers, sending = false;
        int64_t start = 0, last = 0, end = INT64_MAX;
        pthread_t sender;
        int r = 0;

        set_realtime(49);
        while (!call_stopped && now_ns(CLOCK_MONOTONIC) < end) {
                struct pollfd pollfd = {.fd = call->fd, .events = POLLIN};
                int64_t now;

                if (connected && !sending) {
                        r = -pthread_create(&sender, NULL, run_sender, call);
                        if (r < 0)
                                return r;
                        sending = true;
                        start = last = now_ns(CLOCK_MONOTONIC);
                        end = start + (call->seconds + 1) * NS_PER_S;
                }
                (void)poll(&pollfd, 1, 100);
                r = receive_one(call, &connected);
                if (r < 0)
                        break;
                now = now_ns(CLOCK_MONOTONIC);
                if (call->live && sending && now - last >= NS_PER_S) {
                        call_log_print_live(&call->log, stdout, now - start, now - last);
                        last = now;
                }
        }
        call_stopped = 1;
        if (sending)
                pthread_join(sender, NULL);
        return r;
}
