/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "units.h"

const char *const config_default_dirs[] = {"/etc/p2s", "/run/p2s", "/usr/local/lib/p2s",
                                           "/usr/lib/p2s", NULL};

#define CONFIG_NAME "p2sd.conf"

/* All there are, beside the options of links. */
static const struct config_key keys[] = {
        {"Service", "Mode", "off"},      {"Link", "Uplink", "unknown"},
        {"Link", "Downlink", "unknown"}, {"Ports", "Voice", ""},
        {"Ports", "Video", ""},          {"Ports", "General", ""},
        {"Dscp", "Voice", "EF VA CS5"},  {"Dscp", "Video", "AF41 AF42 AF43 CS4"},
        {"Dscp", "General", ""},
};

bool config_key(size_t i, struct config_key *ret)
{
        char unused[LINK_OPTION_TEXT_MAX]; /* the default of a number is a word, too */
        size_t option = i - ELEMENTSOF(keys);

        if (i < ELEMENTSOF(keys))
                *ret = keys[i];
        else if (option < _LINK_OPTION_MAX)
                *ret = (struct config_key){"Link", link_option_infos[option].key,
                                           link_option_format((enum link_option)option, 0, unused)};
        else
                return false;
        return true;
}

static bool knows_section(const char *section)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (streq(keys[i].section, section))
                        return true;
        return false;
}

static bool knows_key(const char *section, const char *key)
{
        struct config_key known;

        for (size_t i = 0; config_key(i, &known); i++)
                if (streq(known.section, section) && streq(known.key, key))
                        return true;
        return false;
}

struct loader {
        struct config *config;
        /* classes whose [Dscp] key was met, in any file: the first drops the default */
        bool dscp_given[_P2S_CLASS_MAX];
};

void config_default(struct config *ret)
{
        *ret = (struct config){.mode = MODE_OFF};
        dscp_map_default(&ret->dscps);
}

void config_done(struct config *c)
{
        link_settings_done(&c->links);
        port_set_done(&c->ports);
}

static int refuse(const char *why, const char **reason)
{
        *reason = why;
        return -EINVAL;
}

/* The key of [Ports] and [Dscp]. */
static enum p2s_class class_from_key(const char *key)
{
        if (streq(key, "Voice"))
                return P2S_CLASS_VOICE;
        return streq(key, "Video") ? P2S_CLASS_VIDEO : P2S_CLASS_GENERAL;
}

static int set_mode(struct config *c, const char *value, const char **reason)
{
        int mode = mode_from_string(value);

        if (mode < 0)
                return refuse("neither off, monitor, mark nor shape", reason);
        c->mode = (enum mode)mode;
        return 0;
}

static int set_link_failed(int r, const char **reason)
{
        if (r == -EINVAL)
                return refuse("not an interface name", reason);
        if (r == -E2BIG)
                return refuse("more than 64 links", reason);
        return r;
}

static int set_link(struct config *c, const char *name, const char *key, const char *value,
                    const char **reason)
{
        const struct link_setting *old = link_settings_find(&c->links, name);
        struct link_setting link = {0};
        uint64_t rate = 0;
        int r, option;

        if (old)
                link = *old;
        else if (link_name_is_valid(name))
                memcpy(link.name, name, strlen(name));
        if (!key)
                return set_link_failed(link_settings_set(&c->links, &link), reason);

        option = link_option_from_key(key);
        if (option >= 0) {
                r = link_option_parse((enum link_option)option, value, &link.options.of[option],
                                      reason);
                if (r < 0)
                        return r;
        } else {
                r = units_parse_rate(value, &rate);
                if (r == -ERANGE)
                        return refuse("not from 64 kbit to 100 Gbit", reason);
                if (r < 0)
                        return refuse("not a rate", reason);
                *(streq(key, "Uplink") ? &link.uplink_bps : &link.downlink_bps) = rate;
        }

        return set_link_failed(link_settings_set(&c->links, &link), reason);
}

/* Removes every range of a class. */
static void clear_ports(PortSet *set, enum p2s_class class)
{
        for (size_t i = set->n; i-- > 0;)
                if (set->ranges[i].class == class)
                        (void)port_set_remove(set, set->ranges[i].first, set->ranges[i].last, NULL);
}

static int set_ports(struct config *c, const char *key, char *value, const char **reason)
{
        _cleanup_(port_set_donep) PortSet ports = {0};
        enum p2s_class class = class_from_key(key);
        uint16_t first, last;
        char *word, *rest = value;
        int r;

        if (*value == '\0') {
                clear_ports(&c->ports, class);
                return 0;
        }

        /* on a copy, so that a bad line is ignored whole */
        r = port_set_copy(&c->ports, &ports);
        if (r < 0)
                return r;
        while ((word = strsep(&rest, " "))) {
                if (*word == '\0')
                        continue;
                if (port_range_parse(word, &first, &last) < 0)
                        return refuse("neither a port nor a range of ports", reason);
                r = port_set_add(&ports, first, last, class, "", reason);
                if (r < 0)
                        return r;
        }

        port_set_done(&c->ports);
        c->ports = ports;
        ports = (PortSet){0};
        return 0;
}

static int set_dscps(struct loader *l, const char *key, char *value, const char **reason)
{
        DscpMap map = l->config->dscps;
        enum p2s_class class = class_from_key(key);
        char *word, *rest = value;

        if (!l->dscp_given[class] || *value == '\0')
                dscp_map_clear_class(&map, class);

        while ((word = strsep(&rest, " "))) {
                int dscp;

                if (*word == '\0')
                        continue;
                dscp = dscp_from_string(word);
                if (dscp < 0)
                        return refuse("neither a DSCP value (0 to 63) nor a name", reason);
                map.class[dscp] = (uint8_t) class;
        }

        l->config->dscps = map;
        l->dscp_given[class] = true;
        return 0;
}

/* The interface of "Link eth0", or NULL. */
static const char *link_of_section(const char *section)
{
        if (strncmp(section, "Link ", 5) != 0)
                return NULL;
        section += 5;
        return section + strspn(section, " ");
}

static int on_entry(const char *section, const char *key, const char *value, const char **reason,
                    void *userdata)
{
        struct loader *l = userdata;
        const char *link = link_of_section(section);
        _cleanup_free_ char *copy = NULL;

        if (!link && (streq(section, "Link") || !knows_section(section)))
                return refuse("unknown section", reason);
        if (key && !knows_key(link ? "Link" : section, key))
                return refuse("unknown key", reason);
        if (link)
                return set_link(l->config, link, key, value, reason);
        if (!key)
                return 0;
        if (streq(section, "Service"))
                return set_mode(l->config, value, reason);

        copy = strdup(value);
        if (!copy)
                return -ENOMEM;
        return streq(section, "Ports") ? set_ports(l->config, key, copy, reason)
                                       : set_dscps(l, key, copy, reason);
}

int config_parse(struct config *c, const char *file, const char *data, size_t size, ini_error_t log,
                 void *userdata)
{
        struct loader l = {.config = c};

        return ini_parse(file, data, size, on_entry, log, userdata, &l);
}

int config_load(const char *const *dirs, const char *main_file, ini_error_t log, void *userdata,
                struct config *ret)
{
        _cleanup_(config_files_donep) ConfigFiles files = {0};
        _cleanup_(config_donep) struct config c;
        struct loader l = {.config = &c};
        int r;

        config_default(&c);
        r = config_files_find(dirs ?: config_default_dirs, CONFIG_NAME, main_file, &files);
        if (r < 0)
                return r;

        for (size_t i = 0; i < files.n; i++) {
                r = config_file_parse(files.paths[i], on_entry, log, userdata, &l);
                /* what somebody named on the command line must be there */
                if (r == -ENOMEM || (r < 0 && main_file && i == 0))
                        return r;
        }

        *ret = c;
        c = (struct config){0};
        return 0;
}
