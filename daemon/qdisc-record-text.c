/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record as text, out and in: one property a line, a line "end" behind the
 * last, so that what was cut short is known as such. */
#include <ctype.h>
#include <inttypes.h>

#include "qdisc-record.h"

#define HEAD "p2s-link-record 1"

static void qdisc_record_item_done(struct qdisc_record_item *item)
{
        free(item->options);
        free(item->say);
}

void qdisc_record_done(struct qdisc_record *r)
{
        for (size_t i = 0; i < r->n_items; i++)
                qdisc_record_item_done(&r->items[i]);
        free(r->items);
        *r = (struct qdisc_record){};
}

static void put_hex(FILE *f, const uint8_t *data, size_t n)
{
        for (size_t i = 0; i < n; i++)
                (void)fprintf(f, "%02x", data[i]);
}

int qdisc_record_format(const struct qdisc_record *r, char **ret)
{
        char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        (void)fprintf(f, HEAD "\nifindex %u\nname %s\naddress ", r->ifindex, r->name);
        put_hex(f, r->address, r->n_address);
        (void)fprintf(f,
                      "\nroot-taken %d\nsizes-taken %d\nclsact-ours %d\ningress-instead %d\ntxqlen "
                      "%" PRIu32 "\ngso-max-segs %" PRIu32 "\ngro-max-size %" PRIu32
                      "\ngro-ipv4-max-size %" PRIu32 "\n",
                      r->root_taken, r->sizes_taken, r->clsact_ours, r->ingress_instead, r->txqlen,
                      r->gso_max_segs, r->gro_max_size, r->gro_ipv4_max_size);
        for (size_t i = 0; i < r->n_items; i++) {
                const struct qdisc_record_item *q = &r->items[i];

                (void)fprintf(f, "qdisc %08" PRIx32 " %08" PRIx32 " %s ", q->parent, q->handle,
                              q->kind);
                if (q->has_options) {
                        (void)fputc(q->nested ? '+' : '=', f);
                        put_hex(f, q->options, q->n_options);
                        if (q->say) {
                                (void)fputs(" =", f);
                                put_hex(f, q->say, q->n_options);
                        }
                } else
                        (void)fputc('-', f);
                (void)fputc('\n', f);
        }
        (void)fputs("end\n", f);
        if (fclose(f) != 0) {
                free(text);
                return -ENOMEM;
        }
        *ret = text;
        return 0;
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hex(const char *s, uint8_t *ret, size_t max, size_t *ret_n)
{
        size_t n = 0;

        for (; s[0]; s += 2, n++) {
                int high = hex_digit(s[0]), low = high < 0 ? -1 : hex_digit(s[1]);

                if (low < 0 || n >= max)
                        return false;
                ret[n] = (uint8_t)(high << 4 | low);
        }
        *ret_n = n;
        return true;
}

/* Names go into netlink messages and nowhere else; no blank, nothing unseen. */
static bool parse_word(const char *s, char ret[static 16])
{
        size_t n = strlen(s);

        if (n == 0 || n > 15)
                return false;
        for (size_t i = 0; i < n; i++)
                if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f)
                        return false;
        memcpy(ret, s, n + 1);
        return true;
}

static bool parse_u32(const char *s, int base, uint32_t *ret)
{
        unsigned long v;
        char *end;

        if (!isxdigit((unsigned char)s[0]))
                return false;
        errno = 0;
        v = strtoul(s, &end, base);
        if (errno || *end || v > UINT32_MAX)
                return false;
        *ret = (uint32_t)v;
        return true;
}

static bool parse_bool(const char *s, bool *ret)
{
        *ret = streq(s, "1");
        return *ret || streq(s, "0");
}

static bool parse_options(const char *s, uint8_t **ret, size_t *ret_n)
{
        _cleanup_free_ uint8_t *data = NULL;

        if (s[0] != '=' && s[0] != '+')
                return false;
        data = malloc(strlen(s) / 2 + 1);
        if (!data || !parse_hex(s + 1, data, QDISC_RECORD_OPTIONS_MAX, ret_n))
                return false;
        *ret = TAKE_PTR(data);
        return true;
}

/* "<parent> <handle> <kind> -"; "=<options>" instead, or "+<options>" where they
 * are marked as nested; " =<say>" after it */
static bool parse_qdisc(char *value, struct qdisc_record *r)
{
        _cleanup_(qdisc_record_item_done) struct qdisc_record_item item = {};
        char *parent, *handle, *kind, *options, *say, *state = NULL;
        struct qdisc_record_item *grown;
        size_t n_say;

        parent = strtok_r(value, " ", &state);
        handle = strtok_r(NULL, " ", &state);
        kind = strtok_r(NULL, " ", &state);
        options = strtok_r(NULL, " ", &state);
        say = options ? strtok_r(NULL, " ", &state) : NULL;
        if (!options || strtok_r(NULL, " ", &state) || !parse_u32(parent, 16, &item.parent) ||
            !parse_u32(handle, 16, &item.handle) || !parse_word(kind, item.kind) ||
            r->n_items >= QDISC_RECORD_ITEMS_MAX)
                return false;
        item.has_options = !streq(options, "-");
        item.nested = options[0] == '+';
        if (item.has_options && !parse_options(options, &item.options, &item.n_options))
                return false;
        if (say && (!item.has_options || !parse_options(say, &item.say, &n_say) ||
                    n_say != item.n_options))
                return false;

        grown = reallocarray(r->items, r->n_items + 1, sizeof(*grown));
        if (!grown)
                return false;
        r->items = grown;
        r->items[r->n_items++] = item;
        item = (struct qdisc_record_item){};
        return true;
}

static bool parse_line(const char *key, char *value, struct qdisc_record *r)
{
        size_t n;

        if (streq(key, "ifindex"))
                return parse_u32(value, 10, &r->ifindex);
        if (streq(key, "name"))
                return parse_word(value, r->name);
        if (streq(key, "address")) {
                if (!parse_hex(value, r->address, sizeof(r->address), &n))
                        return false;
                r->n_address = (uint8_t)n;
                return true;
        }
        if (streq(key, "root-taken"))
                return parse_bool(value, &r->root_taken);
        if (streq(key, "sizes-taken"))
                return parse_bool(value, &r->sizes_taken);
        if (streq(key, "clsact-ours"))
                return parse_bool(value, &r->clsact_ours);
        if (streq(key, "ingress-instead"))
                return parse_bool(value, &r->ingress_instead);
        if (streq(key, "txqlen"))
                return parse_u32(value, 10, &r->txqlen);
        if (streq(key, "gso-max-segs"))
                return parse_u32(value, 10, &r->gso_max_segs);
        if (streq(key, "gro-max-size"))
                return parse_u32(value, 10, &r->gro_max_size);
        if (streq(key, "gro-ipv4-max-size"))
                return parse_u32(value, 10, &r->gro_ipv4_max_size);
        if (streq(key, "qdisc"))
                return parse_qdisc(value, r);
        return false;
}

int qdisc_record_parse(const char *text, size_t size, struct qdisc_record *ret)
{
        _cleanup_(qdisc_record_done) struct qdisc_record r = {};
        _cleanup_free_ char *copy = NULL;
        char *line, *value, *state = NULL;
        bool first = true, ended = false;

        if (memchr(text, '\0', size))
                return -EBADMSG;
        copy = strndup(text, size);
        if (!copy)
                return -ENOMEM;
        for (line = strtok_r(copy, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
                if (ended)
                        return -EBADMSG;
                if (first) {
                        if (!streq(line, HEAD))
                                return -EBADMSG;
                        first = false;
                        continue;
                }
                if (streq(line, "end")) {
                        ended = true;
                        continue;
                }
                value = strchr(line, ' ');
                if (!value)
                        return -EBADMSG;
                *value++ = '\0';
                if (!parse_line(line, value, &r))
                        return -EBADMSG;
        }
        if (!ended || r.ifindex == 0 || !r.name[0] || r.n_items == 0)
                return -EBADMSG;
        *ret = r;
        r = (struct qdisc_record){};
        return 0;
}
