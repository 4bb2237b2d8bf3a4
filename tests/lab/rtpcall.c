/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtpcall: one end of a two-way RTP call over UDP, for measuring.  Packets go out on an
 * absolute beat (by default 50 a second of 160 bytes, Opus's dynamic payload type 111,
 * RTP clock 48 kHz) and carry their send time, so that on one machine the one-way delay
 * is exact.
 *
 *   rtpcall --peer ADDR:PORT|[ADDR]:PORT [--local PORT] [options]   calls
 *   rtpcall --listen --local PORT [options]         waits for a call, then answers it
 *
 *   --seconds N   how long to send (10)      --pps N    packets per second (50)
 *   --dscp N      DSCP of what is sent (0)   --ssrc N   RTP SSRC (random)
 *   --csv FILE    what was received          --live     a line of figures a second
 *
 * After the last packet it drains for 1 s.  SIGINT and SIGTERM end the call early.
 */
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call.h"

#define MAX_CALL_S 86400L

struct options {
        const char *peer, *local, *csv;
        long seconds, pps, dscp;
        long long ssrc; /* -1: random */
        bool listen, live;
};

static void on_signal(int sig)
{
        call_stopped = 1;
}

/* Splits "ADDR:PORT" or "[ADDR]:PORT" in place.  0, or -EINVAL. */
static int split_address(char *s, char **ret_host, char **ret_port)
{
        char *port = strrchr(s, ':');
        size_t n;

        if (!port || port == s)
                return -EINVAL;
        *port++ = '\0';
        n = strlen(s);
        if (s[0] == '[' && s[n - 1] == ']') {
                s[n - 1] = '\0';
                s++;
        }
        *ret_host = s;
        *ret_port = port;
        return 0;
}

/* A number in [min, max], or the end of the program. */
static long long parse_number(const char *name, const char *s, long long min, long long max)
{
        char *end;
        long long n;

        errno = 0;
        n = strtoll(s, &end, 0);
        if (errno || end == s || *end || n < min || n > max) {
                fprintf(stderr, "rtpcall: --%s takes %lld to %lld\n", name, min, max);
                exit(2);
        }
        return n;
}

/* A UDP socket on the local port, connected to the peer if there is one.  Its
 * descriptor, or a negative errno. */
static int open_socket(const struct options *o)
{
        struct addrinfo hints = {.ai_family = AF_INET6,
                                 .ai_socktype = SOCK_DGRAM,
                                 .ai_flags = AI_V4MAPPED | AI_NUMERICHOST | AI_NUMERICSERV};
        struct sockaddr_in6 local = {.sin6_family = AF_INET6};
        int off = 0, on = 1, tos = (int)o->dscp << 2, buffer = 1 << 20;
        int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        if (o->local)
                local.sin6_port = htons((uint16_t)parse_number("local", o->local, 1, 65535));
        /* one socket for both families: IPv4 as mapped addresses, each with its own TOS */
        if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) < 0 ||
            setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos)) < 0 ||
            setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)) < 0 ||
            bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0)
                return -errno;
        if (o->peer) {
                struct addrinfo *ai;
                char *copy = strdupa(o->peer), *host, *port;
                int r = split_address(copy, &host, &port);

                if (r < 0 || getaddrinfo(host, port, &hints, &ai))
                        return -EINVAL;
                r = connect(fd, ai->ai_addr, ai->ai_addrlen) < 0 ? -errno : 0;
                freeaddrinfo(ai);
                if (r < 0)
                        return r;
        }
        return fd;
}

static struct options parse_options(int argc, char *argv[])
{
        static const struct option longopts[] = {
                {"listen", no_argument, NULL, 'L'},      {"peer", required_argument, NULL, 'p'},
                {"local", required_argument, NULL, 'l'}, {"seconds", required_argument, NULL, 's'},
                {"pps", required_argument, NULL, 'r'},   {"dscp", required_argument, NULL, 'd'},
                {"csv", required_argument, NULL, 'c'},   {"ssrc", required_argument, NULL, 'i'},
                {"live", no_argument, NULL, 'v'},        {},
        };
        struct options o = {.seconds = 10, .pps = 50, .ssrc = -1};
        int c;

        while ((c = getopt_long(argc, argv, "", longopts, NULL)) >= 0) {
                switch (c) {
                case 'L':
                        o.listen = true;
                        break;
                case 'p':
                        o.peer = optarg;
                        break;
                case 'l':
                        o.local = optarg;
                        break;
                case 's':
                        o.seconds = parse_number("seconds", optarg, 1, MAX_CALL_S);
                        break;
                case 'r':
                        o.pps = parse_number("pps", optarg, 1, 1000);
                        break;
                case 'd':
                        o.dscp = parse_number("dscp", optarg, 0, 63);
                        break;
                case 'c':
                        o.csv = optarg;
                        break;
                case 'i':
                        o.ssrc = parse_number("ssrc", optarg, 0, UINT32_MAX);
                        break;
                case 'v':
                        o.live = true;
                        break;
                default:
                        exit(2);
                }
        }
        if (optind != argc || o.listen == !!o.peer || (o.listen && !o.local)) {
                fputs("rtpcall: --peer ADDR:PORT, or --listen --local PORT\n", stderr);
                exit(2);
        }
        return o;
}

int main(int argc, char *argv[])
{
        struct options o = parse_options(argc, argv);
        struct sigaction action = {.sa_handler = on_signal};
        struct call call = {
                .answers = o.listen, .live = o.live, .seconds = o.seconds, .pps = o.pps};
        int r;

        (void)sigaction(SIGINT, &action, NULL);
        (void)sigaction(SIGTERM, &action, NULL);
        if (o.ssrc < 0)
                (void)!getrandom(&call.ssrc, sizeof(call.ssrc), 0);
        else
                call.ssrc = (uint32_t)o.ssrc;
        r = call.fd = open_socket(&o);
        if (r >= 0) /* both ends' packets, were they all to come twice */
                r = call_log_init(&call.log, (size_t)(o.seconds * o.pps) * 2);
        /* no page fault while the call runs */
        (void)mlockall(MCL_CURRENT | MCL_FUTURE);
        if (r >= 0)
                r = call_run(&call);
        if (r >= 0 && o.csv)
                r = call_log_write_csv(&call.log, o.csv, call.sent);
        if (r < 0)
                fprintf(stderr, "rtpcall: %s\n", strerror(-r));
        call_log_done(&call.log);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
