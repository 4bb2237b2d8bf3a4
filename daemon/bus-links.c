/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links and what changes them. */
#include "bus.h"
#include "text.h"
#include "units.h"

static int read_option(sd_bus_message *msg, enum link_option option, struct link_options *ret,
                       sd_bus_error *error)
{
        const struct link_option_info *o = &link_option_infos[option];
        static const char types[][2] = {
                [LINK_OPTION_BOOLEAN] = "b", [LINK_OPTION_WORD] = "s", [LINK_OPTION_NUMBER] = "i"};
        _cleanup_free_ char *explained = NULL;
        const char *word;
        int r, number;

        if (o->type == LINK_OPTION_WORD) {
                r = sd_bus_message_read(msg, "v", "s", &word);
                if (r >= 0)
                        r = link_option_word(option, word, &ret->of[option]);
        } else {
                r = sd_bus_message_read(msg, "v", types[o->type], &number);
                if (r >= 0 && o->type == LINK_OPTION_NUMBER)
                        r = link_option_from_number(option, number, &ret->of[option]);
                else if (r >= 0)
                        ret->of[option] = number;
        }
        if (r >= 0)
                return 0;
        r = link_option_explain(option, &explained);
        return r < 0 ? r
                     : sd_bus_error_setf(error, P2S_ERROR_INVALID_OPTION, "“%s” (%s) is %s",
                                         o->name, types[o->type], explained);
}

static int read_options(sd_bus_message *msg, struct link_setting *s, sd_bus_error *error)
{
        const char *key;
        int r, option;

        r = sd_bus_message_enter_container(msg, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(msg, 'e', "sv")) > 0) {
                r = sd_bus_message_read(msg, "s", &key);
                if (r < 0)
                        return r;
                option = link_option_from_name(key);
                if (option < 0) {
                        _cleanup_free_ char *quoted = text_quote(key);

                        return sd_bus_error_setf(error, P2S_ERROR_INVALID_OPTION,
                                                 "%s is not an option of a link", quoted ?: "that");
                }
                r = read_option(msg, (enum link_option)option, &s->options, error);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(msg);
                if (r < 0)
                        return r;
        }
        return r < 0 ? r : sd_bus_message_exit_container(msg);
}

static int check_rate(const char *which, uint64_t bps, sd_bus_error *error)
{
        char low[UNITS_MAX], high[UNITS_MAX];

        if (units_rate_is_valid(bps))
                return 0;
        return sd_bus_error_setf(error, P2S_ERROR_INVALID_RATE,
                                 "%s: %llu bit/s is outside %s … %s (0 = not known)", which,
                                 (unsigned long long)bps, units_format_bps(low, UNITS_RATE_MIN),
                                 units_format_bps(high, UNITS_RATE_MAX));
}

static int check_name(Manager *m, const char *name, sd_bus_error *error)
{
        _cleanup_free_ char *quoted = text_quote(name);
        struct link_facts facts;

        if (!link_name_is_valid(name))
                return sd_bus_error_setf(error, P2S_ERROR_INVALID_LINK,
                                         "%s is not the name of an interface (1 … 15 characters) "
                                         "or “auto”",
                                         quoted ?: "that");
        if (streq(name, "auto") || manager_find_link(m, name))
                return 0;
        if (m->ops->link_facts(m->kernel, name, &facts) < 0)
                return sd_bus_error_setf(error, P2S_ERROR_NO_SUCH_LINK,
                                         "there is no interface %s: “ip link” lists them",
                                         quoted ?: "of that name");
        return 0;
}

/* A link nobody has asked for by name is that which p2sd follows by itself. */
static bool is_set_already(const Manager *m, const struct link_setting *wanted)
{
        const struct managed_link *l = manager_find_link(m, wanted->name);

        return l && l->state != LINK_FAILED && l->state != LINK_BUSY &&
               !(l->rates == LINK_RATES_LINK && l->network.id[0]) && /* now that network's */
               l->setting.uplink_bps == wanted->uplink_bps &&
               l->setting.downlink_bps == wanted->downlink_bps &&
               link_options_equal(&l->setting.options, &wanted->options);
}

int bus_method_set_link(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        struct link_setting wanted = {0};
        Manager *m = userdata;
        char *reason = NULL;
        const char *name;
        int r;

        r = sd_bus_message_read(msg, "stt", &name, &wanted.uplink_bps, &wanted.downlink_bps);
        if (r < 0)
                return r;
        r = check_name(m, name, error);
        if (r < 0)
                return r;
        (void)stpcpy(wanted.name, name);
        r = check_rate("uplink", wanted.uplink_bps, error);
        if (r < 0)
                return r;
        r = check_rate("downlink", wanted.downlink_bps, error);
        if (r < 0)
                return r;
        r = read_options(msg, &wanted, error);
        if (r < 0)
                return r;
        if (is_set_already(m, &wanted))
                return sd_bus_reply_method_return(msg, NULL);
        r = authority_check(m->authority, msg, bus_method_set_link, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = manager_set_link(m, &wanted, &reason);
        if (r < 0)
                return bus_error_of(error, r, reason);
        return sd_bus_reply_method_return(msg, NULL);
}

int bus_method_unset_link(sd_bus_message *msg, void *userdata, sd_bus_error *error)
{
        Manager *m = userdata;
        char *reason = NULL;
        const char *name;
        int r;

        r = sd_bus_message_read(msg, "s", &name);
        if (r < 0)
                return r;
        if (!manager_find_link(m, name)) {
                _cleanup_free_ char *quoted = text_quote(name);

                return sd_bus_error_setf(error, P2S_ERROR_NO_SUCH_LINK, "p2sd does not manage %s",
                                         quoted ?: "that");
        }
        r = authority_check(m->authority, msg, bus_method_unset_link, m, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = manager_unset_link(m, name, &reason);
        if (r < 0)
                return bus_error_of(error, r, reason);
        return sd_bus_reply_method_return(msg, NULL);
}

static const char *qdisc_name(const struct managed_link *l)
{
        return l->plan.outgoing.present ? "htb" : "own";
}

/* fq_codel or bfifo, where a tree stands at all. */
static int append_aqm(sd_bus_message *reply, const struct managed_link *l)
{
        const struct shaper_tree *t =
                l->plan.outgoing.present ? &l->plan.outgoing : &l->plan.incoming;

        if (!t->present)
                return 0;
        return sd_bus_message_append(
                reply, "{sv}", "Aqm", "s",
                t->leaf[P2S_QUEUE_GENERAL].aqm == SHAPER_AQM_FQ_CODEL ? "fq_codel" : "bfifo");
}

/* What else there is to know of it, for an administrator. */
static int append_notes(sd_bus_message *reply, const struct managed_link *l)
{
        const bool outgoing = l->plan.outgoing.present &&
                              shaper_narrows(l->facts.num_tx_queues, l->setting.uplink_bps),
                   incoming = l->plan.incoming.present &&
                              shaper_narrows(l->facts.num_tx_queues, l->setting.downlink_bps);

        if (!outgoing && !incoming)
                return 0;
        return sd_bus_message_append(reply, "{sv}", "Notes", "as", 1, "one queue");
}

static int append_degraded(sd_bus_message *reply, const struct kernel_capabilities *c)
{
        const struct {
                bool have;
                const char *what;
        } parts[] = {{c->bpf, "no bpf"},
                     {c->clsact, "no clsact"},
                     {c->ifb, "no ifb"},
                     {c->htb, "no htb"},
                     {c->fq_codel, "no fq_codel"}};
        const char *missing[ELEMENTSOF(parts) + 1];
        size_t n = 0;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                if (!parts[i].have)
                        missing[n++] = parts[i].what;
        missing[n] = NULL;

        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r >= 0)
                r = sd_bus_message_append(reply, "s", "Degraded");
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'v', "as");
        if (r >= 0)
                r = sd_bus_message_append_strv(reply, (char **)missing);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* A number that was not given is left out. */
static int append_options(sd_bus_message *reply, const struct link_options *options)
{
        int r = 0, number;

        for (int i = 0; i < _LINK_OPTION_MAX && r >= 0; i++) {
                const struct link_option_info *o = &link_option_infos[i];

                if (o->type == LINK_OPTION_BOOLEAN)
                        r = sd_bus_message_append(reply, "{sv}", o->key, "b", options->of[i]);
                else if (o->type == LINK_OPTION_WORD)
                        r = sd_bus_message_append(reply, "{sv}", o->key, "s",
                                                  o->words[options->of[i]]);
                else if (link_option_number(options, (enum link_option)i, &number))
                        r = sd_bus_message_append(reply, "{sv}", o->key, "i", number);
        }
        return r;
}

static int append_link(sd_bus_message *reply, const struct managed_link *l)
{
        const Manager *m = l->manager;
        const struct managed_link *carrier = manager_carrier_of(m, l);
        const char *ifb = l->kernel ? m->ops->link_ifb(l->kernel) : NULL;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(
                        reply, "{sv}{sv}{sv}{sv}{sv}{sv}{sv}{sv}", "Name", "s", l->setting.name,
                        "State", "s", link_state_to_string(l->state), "UplinkBps", "t",
                        l->setting.uplink_bps, "DownlinkBps", "t", l->setting.downlink_bps,
                        "Outgoing", "s", managed_link_treatment(l, P2S_OUTGOING), "Incoming", "s",
                        managed_link_treatment(l, P2S_INCOMING), "Qdisc", "s", qdisc_name(l), "Xdp",
                        "s", managed_link_xdp(l));
        if (r >= 0)
                r = append_options(reply, &l->setting.options);
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}", "RatesFrom", "s",
                                          managed_link_rates_from(l));
        if (r >= 0 && l->network.id[0])
                r = sd_bus_message_append(reply, "{sv}{sv}", "Network", "s", l->network.id,
                                          "NetworkName", "s", l->network.label);
        if (r >= 0 && managed_link_is_shaped(l))
                r = sd_bus_message_append(reply, "{sv}", "Shaping", "s",
                                          link_shaping_to_string(l->shaping.state));
        if (r >= 0 && l->reason)
                r = sd_bus_message_append(reply, "{sv}", "Reason", "s", l->reason);
        if (r >= 0 && l->displaced)
                r = sd_bus_message_append(reply, "{sv}", "Displaced", "s", l->displaced);
        if (r >= 0 && l->facts.ifindex)
                r = sd_bus_message_append(reply, "{sv}{sv}", "Interface", "s", l->facts.name,
                                          "Ifindex", "u", l->facts.ifindex);
        if (r >= 0 && carrier)
                r = sd_bus_message_append(reply, "{sv}", "Carrier", "s", carrier->facts.name);
        if (r >= 0)
                r = append_aqm(reply, l);
        if (r >= 0 && ifb)
                r = sd_bus_message_append(reply, "{sv}", "Ifb", "s", ifb);
        if (r >= 0)
                r = append_notes(reply, l);
        if (r >= 0)
                r = append_degraded(reply, &m->capabilities);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int bus_property_links(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Manager *m = userdata;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (size_t i = 0; i < m->n_links && r >= 0; i++)
                r = append_link(reply, m->links[i]);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}
