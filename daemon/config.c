/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"
#include "units.h"

const char *const config_default_dirs[] = {"/etc/p2s", "/run/p2s", "/usr/local/lib/p2s",
                                           "/usr/lib/p2s", NULL};

#define CONFIG_NAME "p2sd.conf"

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

/* The key of [Ports] and [Dscp]: "Voice", "Video", "General". */
static int class_from_key(const char *key)
{
        if (streq(key, "Voice"))
                return P2S_CLASS_VOICE;
        if (streq(key, "Video"))
                return P2S_CLASS_VIDEO;
        if (streq(key, "General"))
                return P2S_CLASS_GENERAL;
        return -EINVAL;
}

static int set_mode(struct config *c, const char *key, const char *value, const char **reason)
{
        int mode;

        if (!streq(key, "Mode"))
                return refuse("unknown key", reason);
        mode = mode_from_string(value);
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
        } else if (streq(key, "Uplink") || streq(key, "Downlink")) {
                r = units_parse_rate(value, &rate);
                if (r == -ERANGE)
                        return refuse("not from 64 kbit to 100 Gbit", reason);
                if (r < 0)
                        return refuse("not a rate", reason);
                *(streq(key, "Uplink") ? &link.uplink_bps : &link.downlink_bps) = rate;
        } else
                return refuse("unknown key", reason);

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
        int class = class_from_key(key);
        uint16_t first, last;
        char *word, *rest = value;
        int r;

        if (class < 0)
                return refuse("unknown key", reason);
        if (*value == '\0') {
                clear_ports(&c->ports, (enum p2s_class) class);
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
                r = port_set_add(&ports, first, last, (enum p2s_class) class, "", reason);
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
        int class = class_from_key(key);
        char *word, *rest = value;

        if (class < 0)
                return refuse("unknown key", reason);
        if (!l->dscp_given[class] || *value == '\0')
                dscp_map_clear_class(&map, (enum p2s_class) class);

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

        if (link)
                return set_link(l->config, link, key, value, reason);
        if (!streq(section, "Service") && !streq(section, "Ports") && !streq(section, "Dscp"))
                return refuse("unknown section", reason);
        if (!key)
                return 0;
        if (streq(section, "Service"))
                return set_mode(l->config, key, value, reason);

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
