// SPDX-License-Identifier: GPL-2.0-or-later
/* Any string of bytes is a packet: it passes, unchanged unless a rule names it. */
#include "harness.h"

#include <netinet/in.h>

/* The kernel wants an Ethernet header's worth to make an skb of. */
#define SIZE_MIN 14
/* Below, newer kernels may refuse; tagged frames are tried at every length. */
#define ETHERNET_IP_MIN (14 + 40)

static void open_every_rule(struct harness *h)
{
        memset(h->ports, P2S_CLASS_VOICE, 65536);
        memset(h->settings->dscp_class, P2S_CLASS_VIDEO, sizeof(h->settings->dscp_class));
        memset(h->settings->dscp_trust, 1, sizeof(h->settings->dscp_trust));
        memset(h->settings->dscp_write, 46, sizeof(h->settings->dscp_write));
        h->settings->detect = 1;
}

/* Incoming packets are never changed, but by XDP, to what p2s_egress would make of them;
 * outgoing ones keep their size. */
static void run_all(struct harness *h, const uint8_t *data, size_t size)
{
        struct outcome o, arrived;

        harness_arrive(h, data, size, &arrived);
        assert_int_equal(arrived.size, size);
        if (size < ETHERNET_IP_MIN && harness_try(h, P2S_INCOMING, data, size, &o) == -EINVAL)
                return;
        harness_run(h, P2S_INCOMING, data, size, &o);
        assert_int_equal(o.size, size);
        assert_memory_equal(o.data, data, size);
        harness_run(h, P2S_OUTGOING, data, size, &o);
        assert_int_equal(o.size, size);
        if (memcmp(arrived.data, data, size) != 0)
                assert_memory_equal(arrived.data, o.data, size);
}

static void a_packet_may_end_anywhere(void **state)
{
        _cleanup_(harness_freep) struct harness *ethernet = harness_new(true, false);
        _cleanup_(harness_freep) struct harness *raw = harness_new(false, false);
        static const uint8_t protos[] = {IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP, IPPROTO_IPIP};
        uint8_t payload[40], data[PACKET_MAX];

        packet_rtp(&(struct rtp_spec){.payload_type = 111, .ssrc = 1}, payload);
        open_every_rule(ethernet);
        open_every_rule(raw);
        for (enum framing f = 0; f < _FRAME_MAX; f++)
                for (unsigned i = 0; i < ELEMENTSOF(protos); i++)
                        for (unsigned variant = 0; variant < 4; variant++) {
                                struct packet_spec s = {.framing = f,
                                                        .version = variant % 2 ? 6 : 4,
                                                        .proto = protos[i],
                                                        .ip_options = (uint8_t)(variant / 2 * 20),
                                                        .extensions = variant / 2 ? 31 : 0,
                                                        .payload = payload,
                                                        .payload_size = sizeof(payload)};
                                size_t size = packet_build(&s, data);

                                for (size_t n = SIZE_MIN; n <= size; n++)
                                        run_all(f == FRAME_RAW_IP ? raw : ethernet, data, n);
                        }
}

static void the_ports_of_half_a_header_are_not_read(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        struct packet_spec s = {.version = 4, .sport = 5004};
        uint8_t data[PACKET_MAX];
        struct outcome o;
        size_t size = packet_build(&s, data);

        h->ports[5004] = P2S_CLASS_VOICE;
        harness_run(h, P2S_OUTGOING, data, size - 1, &o);
        assert_int_equal(o.priority, harness_priority(P2S_OUTGOING, P2S_QUEUE_GENERAL));
        harness_run(h, P2S_OUTGOING, data, size, &o);
        assert_int_equal(o.priority, harness_priority(P2S_OUTGOING, P2S_QUEUE_VOICE));
}

static void no_flip_of_any_byte_matters(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        uint8_t payload[20] = {}, data[PACKET_MAX];

        packet_rtp(&(struct rtp_spec){.payload_type = 111, .ssrc = 1}, payload);
        open_every_rule(h);
        for (unsigned version = 4; version <= 6; version += 2) {
                struct packet_spec s = {.version = (uint8_t)version,
                                        .extensions = 31,
                                        .ip_options = 8,
                                        .payload = payload,
                                        .payload_size = sizeof(payload)};
                size_t size = packet_build(&s, data);

                for (size_t at = 0; at < size; at++) {
                        uint8_t kept = data[at];

                        for (unsigned value = 0; value < 256; value += 5) {
                                data[at] = (uint8_t)value;
                                run_all(h, data, size);
                        }
                        data[at] = kept;
                }
        }
}

static void random_bytes_pass(void **state)
{
        _cleanup_(harness_freep) struct harness *h = harness_new(true, false);
        static const uint16_t ethertypes[] = {0x0800, 0x86dd, 0x8100, 0x88a8,
                                              0x8864, 0x8847, 0x0806};
        uint8_t data[256];

        open_every_rule(h);
        srandom(1);
        for (unsigned i = 0; i < 50000; i++) {
                size_t size = SIZE_MIN + (size_t)random() % (sizeof(data) - SIZE_MIN);

                for (size_t at = 0; at < size; at++)
                        data[at] = (uint8_t)random();
                /* or else nearly all would end at the ethertype */
                if (i % 8) {
                        uint16_t type = ethertypes[(unsigned)random() % ELEMENTSOF(ethertypes)];

                        data[12] = (uint8_t)(type >> 8);
                        data[13] = (uint8_t)type;
                        data[14] = (uint8_t)(random() % 2 ? 0x45 : 0x60);
                }
                run_all(h, data, size);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_packet_may_end_anywhere),
                cmocka_unit_test(the_ports_of_half_a_header_are_not_read),
                cmocka_unit_test(no_flip_of_any_byte_matters),
                cmocka_unit_test(random_bytes_pass),
        };

        harness_check();
        return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
