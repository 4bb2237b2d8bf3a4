/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <strings.h>

#include "link-options.h"

static const char *const when_words[] = {
        [LINK_WHEN_CALL] = "call",
        [LINK_WHEN_ALWAYS] = "always",
        NULL,
};

static const char *const xdp_words[] = {
        [LINK_XDP_AUTO] = "auto",
        [LINK_XDP_OFF] = "off",
        [LINK_XDP_NATIVE] = "native",
        NULL,
};

static const char *const layer_words[] = {
        [LINK_LAYER_NONE] = "none",
        [LINK_LAYER_ETHERNET] = "ethernet",
        [LINK_LAYER_DOCSIS] = "docsis",
        [LINK_LAYER_VDSL] = "vdsl",
        [LINK_LAYER_PPPOE_VDSL] = "pppoe-vdsl",
        [LINK_LAYER_ATM] = "atm",
        NULL,
};

const struct link_option_info link_option_infos[_LINK_OPTION_MAX] = {
        [LINK_TRUST_INCOMING_DSCP] = {"trust-incoming-dscp", "TrustIncomingDscp",
                                      LINK_OPTION_BOOLEAN, NULL, 0, 0},
        [LINK_WHEN] = {"when", "When", LINK_OPTION_WORD, when_words, 0, 0},
        [LINK_LAYER] = {"linklayer", "LinkLayer", LINK_OPTION_WORD, layer_words, 0, 0},
        [LINK_FORCE] = {"force", "Force", LINK_OPTION_BOOLEAN, NULL, 0, 0},
        /* "Xdp" of Links says what came of it */
        [LINK_XDP] = {"xdp", "UseXdp", LINK_OPTION_WORD, xdp_words, 0, 0},
        /* the range of tc-cake(8) */
        [LINK_OVERHEAD] = {"overhead", "Overhead", LINK_OPTION_NUMBER, NULL, -64, 256},
};

int link_option_from_name(const char *name)
{
        for (int i = 0; i < _LINK_OPTION_MAX; i++)
                if (streq(link_option_infos[i].name, name))
                        return i;
        return -EINVAL;
}

int link_option_from_key(const char *key)
{
        for (int i = 0; i < _LINK_OPTION_MAX; i++)
                if (streq(link_option_infos[i].key, key))
                        return i;
        return -EINVAL;
}

static int parse_boolean(const char *text, int *ret)
{
        static const char *const words[][4] = {{"no", "false", "off", "0"},
                                               {"yes", "true", "on", "1"}};

        for (int b = 0; b < 2; b++)
                for (size_t i = 0; i < ELEMENTSOF(words[b]); i++)
                        if (strcasecmp(words[b][i], text) == 0) {
                                *ret = b;
                                return 0;
                        }
        return -EINVAL;
}

int link_option_word(enum link_option option, const char *word, int *ret)
{
        const char *const *words = link_option_infos[option].words;

        for (int i = 0; words && words[i]; i++)
                if (streq(words[i], word)) {
                        *ret = i;
                        return 0;
                }
        return -EINVAL;
}

int link_option_from_number(enum link_option option, int number, int *ret)
{
        const struct link_option_info *o = &link_option_infos[option];

        if (number < o->min || number > o->max)
                return -ERANGE;
        *ret = number - o->min + 1;
        return 0;
}

bool link_option_number(const struct link_options *options, enum link_option option, int *ret)
{
        if (options->of[option] == 0)
                return false;
        *ret = options->of[option] - 1 + link_option_infos[option].min;
        return true;
}

static int parse_number(enum link_option option, const char *text, int *ret)
{
        char *end;
        long n;

        if (streq(text, "auto")) {
                *ret = 0;
                return 0;
        }
        errno = 0;
        n = strtol(text, &end, 10);
        if (errno != 0 || end == text || *end != '\0' || n < INT_MIN || n > INT_MAX)
                return -EINVAL;
        return link_option_from_number(option, (int)n, ret) < 0 ? -EINVAL : 0;
}

int link_option_parse(enum link_option option, const char *text, int *ret, const char **reason)
{
        switch (link_option_infos[option].type) {
        case LINK_OPTION_BOOLEAN:
                *reason = "neither yes nor no";
                return parse_boolean(text, ret);
        case LINK_OPTION_NUMBER:
                *reason = "neither auto nor a number in the range that p2sd.conf(5) names";
                return parse_number(option, text, ret);
        case LINK_OPTION_WORD:
        default:
                *reason = "not one of the words that p2sd.conf(5) lists";
                return link_option_word(option, text, ret);
        }
}

int link_option_explain(enum link_option option, char **ret)
{
        const struct link_option_info *o = &link_option_infos[option];
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return -ENOMEM;
        if (o->type == LINK_OPTION_BOOLEAN)
                (void)fputs("yes or no", f);
        else if (o->type == LINK_OPTION_NUMBER)
                (void)fprintf(f, "a number from %d to %d, or auto", o->min, o->max);
        else
                (void)fputs("one of ", f);
        for (size_t i = 0; o->words && o->words[i]; i++)
                (void)fprintf(f, "%s%s", i > 0 ? ", " : "", o->words[i]);
        if (fclose(f) != 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

const char *link_option_format(enum link_option option, int value,
                               char buf[static LINK_OPTION_TEXT_MAX])
{
        const struct link_option_info *o = &link_option_infos[option];

        if (o->type == LINK_OPTION_BOOLEAN)
                return value ? "yes" : "no";
        if (o->type == LINK_OPTION_WORD)
                return o->words[value];
        if (value == 0)
                return "auto";
        (void)snprintf(buf, LINK_OPTION_TEXT_MAX, "%d", value - 1 + o->min);
        return buf;
}

bool link_options_equal(const struct link_options *a, const struct link_options *b)
{
        return memcmp(a, b, sizeof *a) == 0;
}
