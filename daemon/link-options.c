/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <strings.h>

#include "link-options.h"

static const char *const when_words[] = {
        [LINK_WHEN_CALL] = "call",
        [LINK_WHEN_ALWAYS] = "always",
        NULL,
};

const struct link_option_info link_option_infos[_LINK_OPTION_MAX] = {
        [LINK_TRUST_INCOMING_DSCP] = {"trust-incoming-dscp", "TrustIncomingDscp",
                                      LINK_OPTION_BOOLEAN, NULL},
        [LINK_WHEN] = {"when", "When", LINK_OPTION_WORD, when_words},
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

int link_option_parse(enum link_option option, const char *text, int *ret, const char **reason)
{
        if (link_option_infos[option].type == LINK_OPTION_BOOLEAN) {
                *reason = "neither yes nor no";
                return parse_boolean(text, ret);
        }
        *reason = "not one of the words that p2sd.conf(5) lists";
        return link_option_word(option, text, ret);
}

int link_option_list_words(enum link_option option, char **ret)
{
        const char *const *words = link_option_infos[option].words;
        _cleanup_free_ char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return -ENOMEM;
        for (size_t i = 0; words && words[i]; i++)
                (void)fprintf(f, "%s%s", i > 0 ? ", " : "", words[i]);
        if (fclose(f) != 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

const char *link_option_format(enum link_option option, int value)
{
        const struct link_option_info *o = &link_option_infos[option];

        if (o->type == LINK_OPTION_BOOLEAN)
                return value ? "yes" : "no";
        return o->words[value];
}

bool link_options_equal(const struct link_options *a, const struct link_options *b)
{
        return memcmp(a, b, sizeof *a) == 0;
}
