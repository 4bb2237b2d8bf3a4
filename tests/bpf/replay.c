// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs captures through the programs, each packet at its own arrival time, and prints what
 * was found, for tests to compare: a line with the capture's name, one a packet with its
 * queue, one a flow (flows.h).  Beside each capture stands a file of directions. */
#include "flows.h"

/* pcap, classic, in this machine's byte order; times in ns by the magic. */
#define PCAP_NS_MAGIC 0xa1b23c4du
#define PCAP_ETHERNET 1
#define PCAP_RAW      101

struct pcap_header {
        uint32_t magic, version, zone, accuracy, longest, link;
};

struct pcap_record {
        uint32_t sec, nsec, captured, length;
};

static void print_queue(const struct outcome *o)
{
        static const char *const queues[] = {"general", "ack", "video", "voice"};

        printf("packet %s\n", queues[o->priority & 3]);
}

/* The next direction: the file has a letter a packet, o or i. */
static int read_direction(FILE *f, enum p2s_direction *ret)
{
        int letter = getc(f);

        if (letter != 'o' && letter != 'i')
                return -EINVAL;
        *ret = letter == 'o' ? P2S_OUTGOING : P2S_INCOMING;
        return 0;
}

static int replay_packets(struct harness *h, FILE *f, FILE *directions)
{
        enum p2s_direction direction;
        uint8_t data[PACKET_MAX];
        struct pcap_record r;
        struct outcome o;

        while (fread(&r, sizeof(r), 1, f) == 1) {
                if (r.captured > sizeof(data) || fread(data, r.captured, 1, f) != 1 ||
                    read_direction(directions, &direction) < 0)
                        return -EINVAL;
                h->clock_ns = r.sec * NSEC_PER_SEC + r.nsec;
                harness_run(h, direction, data, r.captured, &o);
                print_queue(&o);
        }
        return 0;
}

/* links: a harness each for links with and without Ethernet, made when it is needed. */
static int replay(struct harness *links[2], const char *capture, const char *directions)
{
        _cleanup_fclose_ FILE *f = fopen(capture, "re"), *g = fopen(directions, "re");
        struct pcap_header header;
        bool ethernet;

        if (!f || !g)
                return -errno;
        if (fread(&header, sizeof(header), 1, f) != 1 || header.magic != PCAP_NS_MAGIC ||
            (header.link != PCAP_ETHERNET && header.link != PCAP_RAW))
                return -EINVAL;
        ethernet = header.link == PCAP_ETHERNET;
        if (!links[ethernet]) {
                links[ethernet] = harness_new(ethernet, true);
                links[ethernet]->settings->detect = 1;
        }
        printf("capture %s\n", capture);
        if (replay_packets(links[ethernet], f, g) < 0)
                return -EINVAL;
        flows_print(links[ethernet]->skel);
        harness_forget(links[ethernet]);
        return 0;
}

int main(int argc, char *argv[])
{
        struct harness *links[2] = {};
        int r = 0;

        harness_check();
        if (argc % 2 == 0) {
                fprintf(stderr, "Usage: replay [CAPTURE DIRECTIONS]...\n");
                return 2;
        }
        for (int i = 1; r == 0 && i < argc; i += 2) {
                r = replay(links, argv[i], argv[i + 1]);
                if (r < 0)
                        fprintf(stderr,
                                "%s: no capture in pcap format with ns, of Ethernet or IP, with "
                                "a direction a packet: %s\n",
                                argv[i], strerror(-r));
        }
        harness_free(links[0]);
        harness_free(links[1]);
        return r < 0;
}
