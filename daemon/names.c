/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "names.h"

static const char *const mode_names[_MODE_MAX] = {
        [MODE_OFF] = "off",
        [MODE_MONITOR] = "monitor",
        [MODE_MARK] = "mark",
        [MODE_SHAPE] = "shape",
};

static const char *const class_names[_P2S_CLASS_MAX] = {
        [P2S_CLASS_NONE] = "general",
        [P2S_CLASS_GENERAL] = "general",
        [P2S_CLASS_VIDEO] = "video",
        [P2S_CLASS_VOICE] = "voice",
};

static const char *const direction_names[_P2S_DIRECTION_MAX] = {
        [P2S_OUTGOING] = "outgoing",
        [P2S_INCOMING] = "incoming",
};

static const char *const rule_names[_P2S_RULE_MAX] = {
        [P2S_RULE_NONE] = "none", [P2S_RULE_PORT] = "port", [P2S_RULE_STUN_RTP] = "stun+rtp",
        [P2S_RULE_RTP] = "rtp",   [P2S_RULE_DSCP] = "dscp",
};

static int name_find(const char *const *names, unsigned first, unsigned n, const char *s)
{
        if (!s)
                return -EINVAL;

        for (unsigned i = first; i < n; i++)
                if (streq(names[i], s))
                        return (int)i;

        return -EINVAL;
}

/* An enum may hold any value of its integer type when it comes from a map that
 * another program wrote. */
static const char *name_at(const char *const *names, unsigned n, unsigned i)
{
        return i < n ? names[i] : "unknown";
}

int mode_from_string(const char *s)
{
        return name_find(mode_names, 0, _MODE_MAX, s);
}

int p2s_class_from_string(const char *s)
{
        return name_find(class_names, P2S_CLASS_GENERAL, _P2S_CLASS_MAX, s);
}

int p2s_direction_from_string(const char *s)
{
        return name_find(direction_names, 0, _P2S_DIRECTION_MAX, s);
}

const char *mode_to_string(enum mode mode)
{
        return name_at(mode_names, _MODE_MAX, (unsigned)mode);
}

const char *p2s_class_to_string(enum p2s_class class)
{
        return name_at(class_names, _P2S_CLASS_MAX, (unsigned)class);
}

const char *p2s_direction_to_string(enum p2s_direction direction)
{
        return name_at(direction_names, _P2S_DIRECTION_MAX, (unsigned)direction);
}

const char *p2s_rule_to_string(enum p2s_rule rule)
{
        return name_at(rule_names, _P2S_RULE_MAX, (unsigned)rule);
}

bool link_name_is_valid(const char *name)
{
        if (!name || streq(name, ".") || streq(name, ".."))
                return false;

        size_t n = strnlen(name, 16);
        if (n == 0 || n > 15)
                return false;

        for (size_t i = 0; i < n; i++)
                if (name[i] <= ' ' || name[i] > '~' || name[i] == '/' || name[i] == ':')
                        return false;

        return true;
}

/* Length of the UTF-8 sequence at p, or 0: RFC 3629 section 4, which leaves out
 * over-long forms, surrogates and what lies beyond U+10FFFF. */
static size_t utf8_length(const unsigned char *p)
{
        size_t n;
        unsigned char low = 0x80, high = 0xbf; /* of the second byte */

        if (p[0] < 0x80)
                return 1;
        if (p[0] >= 0xc2 && p[0] <= 0xdf)
                n = 2;
        else if (p[0] >= 0xe0 && p[0] <= 0xef)
                n = 3;
        else if (p[0] >= 0xf0 && p[0] <= 0xf4)
                n = 4;
        else
                return 0;

        if (p[0] == 0xe0)
                low = 0xa0;
        else if (p[0] == 0xed)
                high = 0x9f;
        else if (p[0] == 0xf0)
                low = 0x90;
        else if (p[0] == 0xf4)
                high = 0x8f;

        if (p[1] < low || p[1] > high)
                return 0;
        for (size_t i = 2; i < n; i++)
                if (p[i] < 0x80 || p[i] > 0xbf)
                        return 0;
        return n;
}

bool text_is_valid(const char *s, size_t max)
{
        const unsigned char *p = (const unsigned char *)s;
        size_t n;

        for (size_t i = 0; p[i] != '\0'; i += n) {
                n = utf8_length(p + i);
                if (n == 0 || i + n > max)
                        return false;
                if (p[i] < 0x20 || p[i] == 0x7f)
                        return false;
                if (p[i] == 0xc2 && p[i + 1] < 0xa0) /* U+0080 … U+009F */
                        return false;
        }

        return true;
}

bool link_name_is_text(const char *name)
{
        return text_is_valid(name, 15) && !strchr(name, ' ');
}
