/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libFuzzer: any bytes as the kernel's answers to what p2sd asks of links, qdiscs, classes,
 * filters, routes and tunnels, and as its announcements.  The first byte picks the question. */
#include "default-route.h"
#include "fake-netlink.h"
#include "ifb.h"
#include "link-record.h"
#include "link-scene.h"
#include "link-surroundings.h"
#include "link-watch.h"
#include "names.h"
#include "shaper-netlink.h"
#include "tunnel-end.h"
#include "wifi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define QUESTIONS 14 /* run-harness.py has it, too */

static Netlink *nl;

static void on_change(unsigned ifindex, void *userdata)
{
}

static int on_ifb(const struct link_view *ifb, unsigned link_ifindex, void *userdata)
{
        if (!memchr(ifb->name, 0, sizeof ifb->name) || !memchr(ifb->alias, 0, sizeof ifb->alias))
                abort();
        return 0;
}

static void check_list(const struct tc_list *l)
{
        for (size_t i = 0; i < l->n; i++) {
                struct nlattr *tb[64];
                unsigned to;

                if (!memchr(l->items[i].kind, 0, sizeof l->items[i].kind))
                        abort();
                (void)tc_object_parse(&l->items[i], tb, 63);
                (void)tc_redirect_is_ours(&l->items[i], &to);
                (void)shaper_stands(l, l->items[i].ifindex);
        }
}

static void list(int (*get)(Netlink *, unsigned, unsigned, struct tc_list *), unsigned also)
{
        struct tc_list l = {0};

        if (get(nl, 2, also, &l) >= 0)
                check_list(&l);
        tc_list_done(&l);
}

static int classes(Netlink *n, unsigned ifindex, unsigned also, struct tc_list *ret)
{
        return tc_list_classes(n, ifindex, ret);
}

static int filters(Netlink *n, unsigned ifindex, unsigned also, struct tc_list *ret)
{
        return tc_list_filters(n, ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), ret);
}

static void routes(void)
{
        struct default_route all[DEFAULT_ROUTES_MAX];
        uint8_t address[HARDWARE_ADDRESS_MAX];
        size_t n, n_address;

        if (default_routes_get(nl, all, &n) < 0)
                return;
        for (size_t i = 0; i < n; i++)
                if (default_route_resolve(nl, &all[i], address, &n_address) >= 0 &&
                    n_address > sizeof address)
                        abort();
}

static void tunnel(const char *kind)
{
        struct tunnel_end end;

        if (tunnel_end_get(nl, 2, kind, &end) < 0)
                return;
        if (end.n_to == 0 ? end.ifindex == 0 : end.n_to != (end.family == AF_INET ? 4 : 16))
                abort();
}

/* What is recorded of it is what a process after a crash reads. */
static void scene(void)
{
        struct link_record record = {.dir = "/nonexistent"};
        struct link_scene s = {0};
        _cleanup_free_ char *reason = NULL, *text = NULL;
        struct qdisc_record back = {0};

        if (link_scene_look(nl, 2, 3, &s) >= 0) {
                check_list(&s.qdiscs);
                (void)link_scene_ours(&s);
                (void)link_scene_foreign(&s);
                /* one with another name is not managed */
                if (link_name_is_text(s.link.name) &&
                    link_record_take(&record, nl, 2, &s, &reason) >= 0 && record.present) {
                        if (qdisc_record_format(&record.was, &text) >= 0 &&
                            qdisc_record_parse(text, strlen(text), &back) < 0)
                                abort();
                        qdisc_record_done(&back);
                }
                link_record_done(&record);
        }
        link_scene_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        _cleanup_(link_watch_freep) LinkWatch *watch = NULL;
        struct link_surroundings around;
        struct link_view view;
        struct tc_hook hook;

        if (size < 1)
                return 0;
        if (!nl && netlink_new(&nl) < 0)
                abort();
        fake_netlink_play(data + 1, size - 1, data[0] % QUESTIONS == 0);
        switch (data[0] % QUESTIONS) {
        case 0:
                if (link_watch_new(7, &watch) >= 0)
                        (void)link_watch_dispatch(watch, on_change, NULL);
                break;
        case 1:
                routes();
                break;
        case 2:
                list(tc_list_qdiscs, 3);
                break;
        case 3:
                list(classes, 0);
                break;
        case 4:
                list(filters, 0);
                break;
        case 5:
                if (link_view_get(nl, 2, NULL, &view) >= 0)
                        (void)on_ifb(&view, 2, NULL);
                break;
        case 6:
                (void)ifb_foreach(nl, on_ifb, NULL);
                break;
        case 7:
                (void)tc_hook_get(nl, 2, P2S_INCOMING, &hook);
                break;
        case 8:
                (void)link_surroundings_get(nl, "p2s-none", &around);
                break;
        case 9:
                (void)wifi_power_save(2);
                break;
        case 11:
                tunnel("ip6gre");
                break;
        case 12:
                tunnel("vxlan");
                break;
        case 13:
                tunnel("wireguard");
                break;
        default:
                scene();
        }
        return 0;
}
