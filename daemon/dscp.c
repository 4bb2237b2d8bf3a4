/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <strings.h>

#include "dscp.h"

/* IANA's registry "Differentiated Services Field Codepoints". */
static const struct {
        char name[5];
        uint8_t value;
} dscp_names[] = {
        {"CS0", 0},   {"CS1", 8},   {"CS2", 16},  {"CS3", 24},  {"CS4", 32},  {"CS5", 40},
        {"CS6", 48},  {"CS7", 56},  {"AF11", 10}, {"AF12", 12}, {"AF13", 14}, {"AF21", 18},
        {"AF22", 20}, {"AF23", 22}, {"AF31", 26}, {"AF32", 28}, {"AF33", 30}, {"AF41", 34},
        {"AF42", 36}, {"AF43", 38}, {"EF", 46},   {"VA", 44},   {"LE", 1},
};

void dscp_map_default(DscpMap *ret)
{
        *ret = (DscpMap){.class = {
                                 [46] = P2S_CLASS_VOICE,
                                 [44] = P2S_CLASS_VOICE,
                                 [40] = P2S_CLASS_VOICE,
                                 [34] = P2S_CLASS_VIDEO,
                                 [36] = P2S_CLASS_VIDEO,
                                 [38] = P2S_CLASS_VIDEO,
                                 [32] = P2S_CLASS_VIDEO,
                         }};
}

void dscp_map_clear_class(DscpMap *map, enum p2s_class class)
{
        for (size_t i = 0; i < DSCP_MAX; i++)
                if (map->class[i] == class)
                        map->class[i] = P2S_CLASS_NONE;
}

bool dscp_map_equal(const DscpMap *a, const DscpMap *b)
{
        return memcmp(a->class, b->class, sizeof(a->class)) == 0;
}

const char *dscp_name(unsigned value)
{
        for (size_t i = 0; i < ELEMENTSOF(dscp_names); i++)
                if (dscp_names[i].value == value)
                        return dscp_names[i].name;
        return NULL;
}

int dscp_from_string(const char *s)
{
        unsigned value = 0;
        int base = 10;

        for (size_t i = 0; i < ELEMENTSOF(dscp_names); i++)
                if (strcasecmp(s, dscp_names[i].name) == 0)
                        return dscp_names[i].value;

        if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
                base = 16;
                s += 2;
        }
        if (*s == '\0')
                return -EINVAL;

        for (; *s != '\0'; s++) {
                unsigned digit;

                if (*s >= '0' && *s <= '9')
                        digit = (unsigned)(*s - '0');
                else if (base == 16 && (*s | 0x20) >= 'a' && (*s | 0x20) <= 'f')
                        digit = (unsigned)((*s | 0x20) - 'a') + 10;
                else
                        return -EINVAL;
                value = value * (unsigned)base + digit;
                if (value >= DSCP_MAX)
                        return -EINVAL;
        }

        return (int)value;
}
