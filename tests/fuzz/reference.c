/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reference.h"

#include <string.h>

/* A reader that knows where it is.  Past the end everything reads as 0 and `bad` is set. */
struct cursor {
        const uint8_t *data;
        size_t size, at;
        bool bad;
};

static unsigned u8(struct cursor *c)
{
        if (c->bad || c->at >= c->size) {
                c->bad = true;
                return 0;
        }
        return c->data[c->at++];
}

static unsigned u16(struct cursor *c)
{
        unsigned high = u8(c);

        return high << 8 | u8(c);
}

static uint32_t u32(struct cursor *c)
{
        uint32_t high = u16(c);

        return high << 16 | u16(c);
}

static void skip(struct cursor *c, size_t n)
{
        for (; n > 0; n--)
                (void)u8(c);
}

/* The IP version that the link layer announces; 0: none.  Leaves ret->l3 behind the last
 * header that was there whole. */
static unsigned link_layer(struct cursor *c, struct reference *ret)
{
        unsigned type;

        skip(c, 12);
        type = u16(c);
        if (c->bad)
                return 0;
        ret->l3 = 14;
        for (int tags = 0; tags < 3 && (type == 0x8100 || type == 0x88a8); tags++) {
                skip(c, 2);
                type = u16(c);
                if (c->bad)
                        return 0;
                ret->l3 += 4;
        }
        if (type == 0x8864) { /* PPPoE session, RFC 2516 */
                unsigned code;

                skip(c, 1);
                code = u8(c);
                skip(c, 4);
                type = u16(c);
                if (c->bad || code != 0)
                        return 0;
                ret->l3 += 8;
                return type == 0x0021 ? 4 : type == 0x0057 ? 6 : 0;
        }
        return type == 0x0800 ? 4 : type == 0x86dd ? 6 : 0;
}

/* Extension headers, RFC 8200 4 and RFC 4302; true: the transport header is next. */
static bool extensions(struct cursor *c, unsigned *next)
{
        for (int n = 0; n < 7; n++) {
                unsigned this = *next, length, offset;
                size_t start = c->at;

                if (this != 0 && this != 43 && this != 44 && this != 51 && this != 60)
                        return true;
                *next = u8(c);
                length = u8(c);
                offset = u16(c) >> 3;
                if (c->bad || (this == 44 && offset != 0))
                        return false;
                if (this == 44)
                        c->at = start + 8;
                else if (this == 51)
                        c->at = start + (length + 2) * 4;
                else
                        c->at = start + (length + 1) * 8;
        }
        return false;
}

static void segments(const struct reference_frame *f, struct reference *ret, unsigned headers)
{
        unsigned n = f->gso_segs;

        if (f->gso_size == 0)
                return;
        if (n == 0)
                n = (ret->bytes - headers + f->gso_size - 1) / f->gso_size;
        if (n > 1) {
                ret->segments = n;
                ret->bytes += (n - 1) * headers;
        }
}

static void transport(const struct reference_frame *f, struct cursor *c, unsigned proto,
                      struct reference *ret)
{
        unsigned l4 = (unsigned)c->at, source = u16(c), dest = u16(c), headers = l4 - ret->l3;

        if (proto == 17) {
                skip(c, 4);
                headers += 8;
                if (c->bad || ret->bytes < headers)
                        return;
                ret->payload = ret->bytes - headers;
        } else if (proto == 6) {
                unsigned words, flags;

                skip(c, 8);
                words = u8(c) >> 4;
                flags = u8(c);
                skip(c, 6);
                headers += words * 4;
                if (c->bad || words < 5 || ret->bytes < headers)
                        return;
                ret->just_ack = (flags & 0x3f) == 0x10 && ret->bytes == headers;
        } else
                return;
        ret->l4 = l4;
        ret->proto = proto;
        ret->source = source;
        ret->dest = dest;
        segments(f, ret, headers);
}

/* What the header says, where there is not less; 0 says nothing (RFC 2675, BIG TCP). */
static unsigned length(unsigned said, unsigned header, unsigned rest)
{
        return said != 0 && said + header < rest ? said + header : rest;
}

void reference_parse(const struct reference_frame *f, struct reference *ret)
{
        struct cursor c = {.data = f->data, .size = f->size};
        unsigned announced = 0, version, rest, first, proto;

        *ret = (struct reference){.segments = 1};
        if (f->ethernet)
                announced = link_layer(&c, ret);
        c = (struct cursor){.data = f->data, .size = f->size, .at = ret->l3};
        rest = f->size > ret->l3 ? (unsigned)f->size - ret->l3 : 0;
        ret->bytes = rest;

        first = u8(&c);
        version = first >> 4;
        if (c.bad || (version != 4 && version != 6) || (f->ethernet && announced != version))
                return;
        if (rest < (version == 4 ? 20 : 40))
                return;
        ret->version = version;
        if (version == 4) {
                unsigned words = first & 15, total, fragment;

                ret->dscp = u8(&c) >> 2;
                total = u16(&c);
                skip(&c, 2);
                fragment = u16(&c) & 0x1fff;
                skip(&c, 1);
                proto = u8(&c);
                ret->bytes = length(total, 0, rest);
                if (words < 5 || fragment != 0)
                        return;
                c.at = ret->l3 + words * 4;
        } else {
                ret->dscp = (first & 15) << 2 | u8(&c) >> 6;
                skip(&c, 2);
                ret->bytes = length(u16(&c), 40, rest);
                proto = u8(&c);
                c.at = ret->l3 + 40;
                if (!extensions(&c, &proto))
                        return;
        }
        transport(f, &c, proto, ret);
}

/* RFC 3550 5.1, from its first byte on. */
static enum reference_kind rtp(const uint8_t *payload, size_t size, struct reference_rtp *ret)
{
        static const uint8_t assigned[] = {0,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14,
                                           15, 16, 17, 18, 19, 25, 26, 28, 31, 32, 33, 34};
        struct cursor c = {.data = payload, .size = size};
        unsigned flags = u8(&c), marker_type = u8(&c), type = marker_type & 127;
        size_t header = 12 + (flags & 15) * 4 + (flags & 16 ? 4 : 0);

        if (type >= 64 && type < 96)
                return REFERENCE_RTCP;
        if (size < header || (type < 35 && !memchr(assigned, (int)type, sizeof assigned)))
                return REFERENCE_OTHER;
        *ret = (struct reference_rtp){.type = type,
                                      .marker = marker_type & 128,
                                      .padded = flags & 32,
                                      .size = (unsigned)size};
        ret->sequence = u16(&c);
        ret->timestamp = u32(&c);
        ret->ssrc = u32(&c);
        return REFERENCE_RTP;
}

enum reference_kind reference_look(const uint8_t *payload, size_t size, struct reference_rtp *ret)
{
        struct cursor c = {.data = payload, .size = size};
        unsigned first = u8(&c), second = u8(&c);
        size_t inner;

        if (size < 12)
                return REFERENCE_OTHER;
        if (first <= 3) { /* RFC 7983's ranges, in their order */
                skip(&c, 2);
                return u32(&c) == 0x2112a442 ? REFERENCE_STUN : REFERENCE_OTHER;
        }
        if (first >= 20 && first <= 63)
                return second == 254 ? REFERENCE_COMPANION : REFERENCE_OTHER;
        if (first >= 128 && first <= 191)
                return rtp(payload, size, ret);
        if (first < 64 || first > 79)
                return REFERENCE_OTHER;
        /* TURN channel data, RFC 8656 12.4: as long as it says, padded to 4 or not */
        inner = u16(&c);
        if (inner < 12 || inner + 4 > size || inner + 3 + 4 < size || size < 16 ||
            payload[4] >> 6 != 2)
                return REFERENCE_OTHER;
        return rtp(payload + 4, inner, ret) == REFERENCE_RTP ? REFERENCE_RTP : REFERENCE_COMPANION;
}
