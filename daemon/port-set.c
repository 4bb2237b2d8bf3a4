/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-set.h"

int port_range_parse(const char *s, uint16_t *ret_first, uint16_t *ret_last)
{
        unsigned long value[2] = {0};
        size_t i = 0;

        for (const char *p = s; *p != '\0'; p++) {
                if (*p == '-' && i == 0 && p > s && p[1] != '\0') {
                        i = 1;
                        continue;
                }
                if (*p < '0' || *p > '9')
                        return -EINVAL;
                value[i] = value[i] * 10 + (unsigned long)(*p - '0');
                if (value[i] > UINT16_MAX)
                        return -EINVAL;
        }

        *ret_first = (uint16_t)value[0];
        *ret_last = (uint16_t)value[i];
        return 0;
}

void port_set_done(PortSet *set)
{
        free(set->ranges);
        *set = (PortSet){0};
}

static int refuse(int error, const char *why, const char **reason)
{
        if (reason)
                *reason = why;
        return error;
}

static int ports_validate(uint16_t first, uint16_t last, const char **reason)
{
        if (first == 0 || last == 0)
                return refuse(-EINVAL, "port 0", reason);
        if (first > last)
                return refuse(-EINVAL, "first port above the last", reason);
        return 0;
}

int port_set_validate(uint16_t first, uint16_t last, int class, const char *label,
                      const char **reason)
{
        int r;

        r = ports_validate(first, last, reason);
        if (r < 0)
                return r;
        if (class <= P2S_CLASS_NONE || class >= _P2S_CLASS_MAX)
                return refuse(-EINVAL, "unknown class", reason);
        if (!label)
                return 0;
        if (strnlen(label, PORT_LABEL_MAX + 1) > PORT_LABEL_MAX)
                return refuse(-EINVAL, "label longer than 64 bytes", reason);
        if (!text_is_valid(label, PORT_LABEL_MAX))
                return refuse(-EINVAL, "label is not UTF-8 or has control characters", reason);
        return 0;
}

static bool range_same_rule(const struct port_range *a, const struct port_range *b)
{
        return a->class == b->class && streq(a->label, b->label);
}

/* Index of the first range that ends at or after this port; n = none. */
static size_t find_port(const PortSet *set, unsigned port)
{
        size_t low = 0, high = set->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (set->ranges[middle].last < port)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* Puts n ranges in place of those at begin … end - 1. */
static int splice(PortSet *set, size_t begin, size_t end, const struct port_range *with, size_t n,
                  const char **reason)
{
        size_t total = set->n - (end - begin) + n;

        if (total > PORT_SET_MAX)
                return refuse(-E2BIG, "more than 1024 ranges", reason);

        if (total > set->allocated) {
                size_t want = MIN(MAX(total, 2 * set->allocated), PORT_SET_MAX);
                struct port_range *p = reallocarray(set->ranges, want, sizeof(*p));

                if (!p)
                        return refuse(-ENOMEM, "out of memory", reason);
                set->ranges = p;
                set->allocated = want;
        }

        if (set->n > end)
                memmove(set->ranges + begin + n, set->ranges + end,
                        (set->n - end) * sizeof(*set->ranges));
        if (n > 0)
                memcpy(set->ranges + begin, with, n * sizeof(*with));
        set->n = total;
        return 1;
}

int port_set_add(PortSet *set, uint16_t first, uint16_t last, enum p2s_class class,
                 const char *label, const char **reason)
{
        struct port_range range = {.first = first, .last = last, .class = class};
        struct port_range with[3];
        size_t begin, end, n = 0;
        int r;

        r = port_set_validate(first, last, (int)class, label, reason);
        if (r < 0)
                return r;
        if (label)
                memcpy(range.label, label, strlen(label));

        /* from the range that touches the port before to that touching the port after */
        begin = find_port(set, (unsigned)first - 1);
        for (end = begin; end < set->n && set->ranges[end].first <= (unsigned)last + 1; end++) {
                struct port_range left = set->ranges[end];

                if (range_same_rule(&left, &range)) {
                        if (left.first <= first && left.last >= last)
                                return 0;
                        range.first = MIN(range.first, left.first);
                        range.last = MAX(range.last, left.last);
                } else if (left.first < first) {
                        left.last = MIN(left.last, (uint16_t)(first - 1));
                        with[n++] = left;
                }
        }

        with[n++] = range;
        if (end > begin) {
                struct port_range right = set->ranges[end - 1];

                if (right.last > last && !range_same_rule(&right, &range)) {
                        right.first = MAX(right.first, (uint16_t)(last + 1));
                        with[n++] = right;
                }
        }

        return splice(set, begin, end, with, n, reason);
}

int port_set_remove(PortSet *set, uint16_t first, uint16_t last, const char **reason)
{
        struct port_range with[2];
        size_t begin, end, n = 0;
        int r;

        r = ports_validate(first, last, reason);
        if (r < 0)
                return r;

        begin = find_port(set, first);
        for (end = begin; end < set->n && set->ranges[end].first <= last; end++)
                ;
        if (begin == end)
                return 0;

        if (set->ranges[begin].first < first) {
                with[n] = set->ranges[begin];
                with[n++].last = (uint16_t)(first - 1);
        }
        if (set->ranges[end - 1].last > last) {
                with[n] = set->ranges[end - 1];
                with[n++].first = (uint16_t)(last + 1);
        }
        return splice(set, begin, end, with, n, reason);
}

int port_set_replace(PortSet *set, const struct port_range *ranges, size_t n, const char **reason)
{
        _cleanup_(port_set_donep) PortSet fresh = {0};
        int r;

        if (n > PORT_SET_MAX)
                return refuse(-E2BIG, "more than 1024 ranges", reason);

        for (size_t i = 0; i < n; i++) {
                r = port_set_add(&fresh, ranges[i].first, ranges[i].last, ranges[i].class,
                                 ranges[i].label, reason);
                if (r < 0)
                        return r;
        }

        if (port_set_equal(set, &fresh))
                return 0;
        port_set_done(set);
        *set = fresh;
        fresh = (PortSet){0};
        return 1;
}

int port_set_copy(const PortSet *from, PortSet *to)
{
        PortSet copy = {.n = from->n, .allocated = from->n};

        if (from->n > 0) {
                copy.ranges = reallocarray(NULL, from->n, sizeof(*copy.ranges));
                if (!copy.ranges)
                        return -ENOMEM;
                memcpy(copy.ranges, from->ranges, from->n * sizeof(*copy.ranges));
        }

        port_set_done(to);
        *to = copy;
        return 0;
}

bool port_set_equal(const PortSet *a, const PortSet *b)
{
        if (a->n != b->n)
                return false;

        for (size_t i = 0; i < a->n; i++)
                if (a->ranges[i].first != b->ranges[i].first ||
                    a->ranges[i].last != b->ranges[i].last ||
                    !range_same_rule(&a->ranges[i], &b->ranges[i]))
                        return false;
        return true;
}

void port_set_to_map(const PortSet *set, struct kernel_ports *ret)
{
        memset(ret, P2S_CLASS_NONE, sizeof(*ret));
        PORT_SET_FOREACH (range, set)
                memset(ret->class + range->first, (int)range->class,
                       (size_t)range->last - range->first + 1);
}
