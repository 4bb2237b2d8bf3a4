/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>

#include "siphash.h"

static uint64_t load(const void *p)
{
        uint64_t v;

        memcpy(&v, p, sizeof(v));
        return le64toh(v);
}

static uint64_t rotate(uint64_t v, unsigned by)
{
        return v << by | v >> (64 - by);
}

static void mix(uint64_t v[static 4])
{
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
}

static void compress(uint64_t v[static 4], uint64_t word)
{
        v[3] ^= word;
        mix(v);
        v[0] ^= word;
}

uint64_t siphash13(const void *data, size_t size, const uint8_t key[static 16])
{
        const char *p = data;
        uint64_t k0 = load(key), k1 = load(key + 8);
        uint64_t v[4] = {
                k0 ^ UINT64_C(0x736f6d6570736575),
                k1 ^ UINT64_C(0x646f72616e646f6d),
                k0 ^ UINT64_C(0x6c7967656e657261),
                k1 ^ UINT64_C(0x7465646279746573),
        };

        for (size_t i = 0; i + 8 <= size; i += 8)
                compress(v, load(p + i));
        compress(v, (uint64_t)size << 56);

        v[2] ^= 0xff;
        for (unsigned i = 0; i < 3; i++)
                mix(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
}
