/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of the settings file.
 *
 *   [Settings]   Version=2, and what was chosen: Mode=, Links=, Ports=, Dscps=
 *   [Link NAME]  one a link
 *   [Network INTERFACE ID]  one a network, the one last seen first; not before version 2
 *   [Ports]      Range=first last class "label"
 *   [Dscps]      Value=dscp class
 *   [End]        Checksum= over everything before this line's section
 *
 * Links=, Ports= and Dscps= hold how many follow, so that an empty list that the
 * user chose is told from none chosen.  Networks= is there where any are remembered. */
#include <inttypes.h>
#include <limits.h>

#include "settings-store.h"

#define VERSION        2
#define VERSION_OLDEST 1
#define END_HEADER     "[End]\nChecksum="
#define END_SIZE       (sizeof(END_HEADER) - 1 + 16 + 1)

struct reader {
        struct settings settings;
        unsigned long version;
        unsigned long n_links;
        unsigned long n_ports;
        unsigned long n_dscps;
        unsigned long n_networks;
        struct link_setting link; /* whose section this is */
        struct link_network network;
};

void settings_done(struct settings *s)
{
        link_settings_done(&s->links);
        port_set_done(&s->ports);
        *s = (struct settings){0};
}

/* FNV-1a: it finds damage, not malice; who can write here is root. */
static uint64_t checksum(const char *data, size_t size)
{
        uint64_t hash = UINT64_C(0xcbf29ce484222325);

        for (size_t i = 0; i < size; i++)
                hash = (hash ^ (uint8_t)data[i]) * UINT64_C(0x100000001b3);
        return hash;
}

static size_t count_dscps(const DscpMap *map)
{
        size_t n = 0;

        for (size_t i = 0; i < DSCP_MAX; i++)
                n += map->class[i] != P2S_CLASS_NONE;
        return n;
}

static void write_network(FILE *f, const struct link_network *n)
{
        static const enum link_option options[] = {LINK_LAYER, LINK_OVERHEAD};
        char number[LINK_OPTION_TEXT_MAX];

        fprintf(f, "\n[Network %s %s]\nLabel=\"%s\"\n", n->interface, n->name.id, n->name.label);
        fprintf(f, "UplinkBps=%" PRIu64 "\nDownlinkBps=%" PRIu64 "\n", n->uplink_bps,
                n->downlink_bps);
        for (size_t i = 0; i < ELEMENTSOF(options); i++)
                fprintf(f, "%s=%s\n", link_option_infos[options[i]].key,
                        link_option_format(options[i], n->options.of[options[i]], number));
}

static void write_settings(FILE *f, const struct settings *s)
{
        fprintf(f, "# What was chosen over the bus.  p2sd writes this; p2sd.conf is for you.\n");
        fprintf(f, "[Settings]\nVersion=%d\n", VERSION);
        if (s->has_mode)
                fprintf(f, "Mode=%s\n", mode_to_string(s->mode));
        if (s->has_links)
                fprintf(f, "Links=%zu\n", s->links.n);
        if (s->has_ports)
                fprintf(f, "Ports=%zu\n", s->ports.n);
        if (s->has_dscps)
                fprintf(f, "Dscps=%zu\n", count_dscps(&s->dscps));
        if (s->networks.n > 0)
                fprintf(f, "Networks=%zu\n", s->networks.n);

        for (size_t i = 0; s->has_links && i < s->links.n; i++) {
                const struct link_setting *link = s->links.links + i;
                char number[LINK_OPTION_TEXT_MAX];

                fprintf(f, "\n[Link %s]\n", link->name);
                fprintf(f, "UplinkBps=%" PRIu64 "\nDownlinkBps=%" PRIu64 "\n", link->uplink_bps,
                        link->downlink_bps);
                for (int o = 0; o < _LINK_OPTION_MAX; o++)
                        fprintf(f, "%s=%s\n", link_option_infos[o].key,
                                link_option_format((enum link_option)o, link->options.of[o],
                                                   number));
        }

        for (size_t i = 0; i < s->networks.n; i++)
                write_network(f, &s->networks.of[i]);

        if (s->has_ports && s->ports.n > 0) {
                fprintf(f, "\n[Ports]\n");
                PORT_SET_FOREACH (range, &s->ports)
                        fprintf(f, "Range=%u %u %s \"%s\"\n", range->first, range->last,
                                p2s_class_to_string(range->class), range->label);
        }

        if (s->has_dscps && count_dscps(&s->dscps) > 0) {
                fprintf(f, "\n[Dscps]\n");
                for (unsigned i = 0; i < DSCP_MAX; i++)
                        if (s->dscps.class[i] != P2S_CLASS_NONE)
                                fprintf(f, "Value=%u %s\n", i,
                                        p2s_class_to_string(s->dscps.class[i]));
        }
        fprintf(f, "\n");
}

int settings_format(const struct settings *s, char **ret, size_t *ret_size)
{
        _cleanup_free_ char *text = NULL, *whole = NULL;
        size_t size = 0;
        FILE *f;
        int n;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        write_settings(f, s);
        if (fclose(f) != 0)
                return -ENOMEM;

        n = asprintf(&whole, "%s" END_HEADER "%016" PRIx64 "\n", text, checksum(text, size));
        if (n < 0) {
                whole = NULL;
                return -ENOMEM;
        }
        *ret = TAKE_PTR(whole);
        *ret_size = (size_t)n;
        return 0;
}

static int parse_number(const char *s, unsigned long max, unsigned long *ret)
{
        char *end;

        if (*s < '0' || *s > '9')
                return -EINVAL;
        errno = 0;
        *ret = strtoul(s, &end, 10);
        return errno != 0 || *end != '\0' || *ret > max ? -EINVAL : 0;
}

static int on_settings(struct reader *r, const char *key, const char *value)
{
        struct settings *s = &r->settings;

        if (streq(key, "Version"))
                return parse_number(value, UINT32_MAX, &r->version);
        if (streq(key, "Mode")) {
                int mode = mode_from_string(value);

                if (mode < 0)
                        return mode;
                s->mode = (enum mode)mode;
                s->has_mode = true;
                return 0;
        }
        if (streq(key, "Links")) {
                s->has_links = true;
                return parse_number(value, LINK_SETTINGS_MAX, &r->n_links);
        }
        if (streq(key, "Ports")) {
                s->has_ports = true;
                return parse_number(value, PORT_SET_MAX, &r->n_ports);
        }
        if (streq(key, "Dscps")) {
                s->has_dscps = true;
                return parse_number(value, DSCP_MAX, &r->n_dscps);
        }
        if (streq(key, "Networks"))
                return parse_number(value, LINK_NETWORKS_MAX, &r->n_networks);
        return -EINVAL;
}

/* What links and networks have in common. */
static int on_line(const char *key, const char *value, uint64_t *uplink_bps, uint64_t *downlink_bps,
                   struct link_options *options)
{
        const char *reason;
        unsigned long rate;
        int option;

        if (streq(key, "UplinkBps") || streq(key, "DownlinkBps")) {
                if (parse_number(value, ULONG_MAX, &rate) < 0)
                        return -EINVAL;
                *(streq(key, "UplinkBps") ? uplink_bps : downlink_bps) = rate;
                return 0;
        }
        option = link_option_from_key(key);
        if (option < 0)
                return option;
        return link_option_parse((enum link_option)option, value, &options->of[option], &reason);
}

static int on_link(struct reader *r, const char *name, const char *key, const char *value)
{
        int k = 0;

        if (!key) {
                r->link = (struct link_setting){0};
                if (!link_name_is_valid(name))
                        return -EINVAL;
                memcpy(r->link.name, name, strlen(name));
        } else
                k = on_line(key, value, &r->link.uplink_bps, &r->link.downlink_bps,
                            &r->link.options);

        return k < 0 ? k : link_settings_set(&r->settings.links, &r->link);
}

/* Text between quotation marks, of at most max bytes, into ret. */
static int unquote(const char *value, size_t max, char *ret)
{
        size_t n = strlen(value);

        if (n < 2 || n > max + 2 || value[0] != '"' || value[n - 1] != '"')
                return -EINVAL;
        memcpy(ret, value + 1, n - 2);
        ret[n - 2] = '\0';
        return 0;
}

/* A section is taken once its header is read, and each line changes it. */
static int on_network(struct reader *r, const char *name, const char *key, const char *value)
{
        LinkNetworks *l = &r->settings.networks;
        struct link_network *n = &r->network;
        const char *id = strchr(name, ' ');
        int k = 0;

        if (!key) {
                *n = (struct link_network){0};
                if (!id || (size_t)(id - name) >= sizeof(n->interface) ||
                    strlen(id + 1) > NETWORK_ID_MAX)
                        return -EINVAL;
                memcpy(n->interface, name, (size_t)(id - name));
                (void)stpcpy(n->name.id, id + 1);
                if (link_networks_find(l, n->interface, n->name.id))
                        return -EINVAL;
        } else if (streq(key, "Label"))
                k = unquote(value, NETWORK_LABEL_MAX, n->name.label);
        else
                k = on_line(key, value, &n->uplink_bps, &n->downlink_bps, &n->options);

        return k < 0 ? k : link_networks_append(l, n);
}

/* first last class "label" */
static int on_range(struct reader *r, const char *value)
{
        char label[PORT_LABEL_MAX + 1];
        unsigned first, last;
        char class[16];
        int begin = 0, c;

        if (sscanf(value, "%5u %5u %15[a-z] %n", &first, &last, class, &begin) != 3 || begin == 0)
                return -EINVAL;
        value += begin;
        if (unquote(value, PORT_LABEL_MAX, label) < 0)
                return -EINVAL;

        c = p2s_class_from_string(class);
        if (c < 0 || first > UINT16_MAX || last > UINT16_MAX)
                return -EINVAL;
        return port_set_add(&r->settings.ports, (uint16_t)first, (uint16_t)last, (enum p2s_class)c,
                            label, NULL);
}

/* dscp class */
static int on_dscp(struct reader *r, const char *value)
{
        unsigned dscp;
        char class[16];
        int end = 0, c;

        if (sscanf(value, "%2u %15[a-z]%n", &dscp, class, &end) != 2 || value[end] != '\0' ||
            dscp >= DSCP_MAX)
                return -EINVAL;
        c = p2s_class_from_string(class);
        if (c < 0)
                return -EINVAL;
        r->settings.dscps.class[dscp] = (uint8_t)c;
        return 0;
}

static int dispatch(struct reader *r, const char *section, const char *key, const char *value)
{
        if (strncmp(section, "Link ", 5) == 0)
                return on_link(r, section + 5, key, value);
        if (strncmp(section, "Network ", 8) == 0)
                return on_network(r, section + 8, key, value);
        if (!key)
                return 0;
        if (streq(section, "Settings"))
                return on_settings(r, key, value);
        if (streq(section, "Ports") && streq(key, "Range"))
                return on_range(r, value);
        if (streq(section, "Dscps") && streq(key, "Value"))
                return on_dscp(r, value);
        return -EINVAL;
}

static int on_entry(const char *section, const char *key, const char *value, const char **reason,
                    void *userdata)
{
        struct reader *reader = userdata;
        int r = dispatch(reader, section, key, value);

        *reason = "not understood";
        return r < 0 ? r : 0;
}

/* Whether the last line is there and fits what stands before it. */
static bool is_whole(const char *data, size_t size)
{
        char end[END_SIZE + 1];

        if (size < END_SIZE)
                return false;
        (void)snprintf(end, sizeof(end), END_HEADER "%016" PRIx64 "\n",
                       checksum(data, size - END_SIZE));
        return memcmp(data + size - END_SIZE, end, END_SIZE) == 0;
}

/* What an older p2sd wrote has less in it, and the same meaning. */
static bool is_known(unsigned long version)
{
        return version >= VERSION_OLDEST && version <= VERSION;
}

int settings_parse(const char *file, const char *data, size_t size, ini_error_t log, void *userdata,
                   struct settings *ret, const char **reason)
{
        struct reader reader = {0};
        int r;

        if (!is_whole(data, size)) {
                *reason = "cut off or damaged";
                return -EBADMSG;
        }

        r = ini_parse(file, data, size - END_SIZE, on_entry, log, userdata, &reader);
        if (r == 0 && is_known(reader.version) && reader.n_networks == reader.settings.networks.n &&
            reader.n_links == reader.settings.links.n &&
            reader.n_ports == reader.settings.ports.n &&
            reader.n_dscps == count_dscps(&reader.settings.dscps)) {
                *ret = reader.settings;
                return 0;
        }

        settings_done(&reader.settings);
        if (r < 0)
                return r;
        *reason = !is_known(reader.version) ? "of an unknown version" : "does not make sense";
        return -EBADMSG;
}
