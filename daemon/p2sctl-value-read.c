/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a D-Bus message to a value tree. */
#include <inttypes.h>

#include "p2sctl-value.h"

static int read_next(sd_bus_message *m, Value **ret);

/* Reads a value of a basic type. */
static int read_basic(sd_bus_message *m, char type, Value *v)
{
        union {
                int b; /* what sd-bus writes for a boolean */
                uint8_t y;
                int16_t n;
                uint16_t q;
                int32_t i;
                uint32_t u;
                int64_t x;
                uint64_t t;
                double d;
                const char *s;
        } raw = {};
        int r;

        if (type == SD_BUS_TYPE_UNIX_FD)
                return sd_bus_message_skip(m, "h");
        r = sd_bus_message_read_basic(m, type, &raw);
        if (r < 0)
                return r;

        switch (type) {
        case SD_BUS_TYPE_BOOLEAN:
                v->type = VALUE_BOOL;
                v->b = raw.b;
                return 0;
        case SD_BUS_TYPE_BYTE:
                v->type = VALUE_UINT;
                v->u = raw.y;
                return 0;
        case SD_BUS_TYPE_UINT16:
                v->type = VALUE_UINT;
                v->u = raw.q;
                return 0;
        case SD_BUS_TYPE_UINT32:
                v->type = VALUE_UINT;
                v->u = raw.u;
                return 0;
        case SD_BUS_TYPE_UINT64:
                v->type = VALUE_UINT;
                v->u = raw.t;
                return 0;
        case SD_BUS_TYPE_INT16:
                v->type = VALUE_INT;
                v->i = raw.n;
                return 0;
        case SD_BUS_TYPE_INT32:
                v->type = VALUE_INT;
                v->i = raw.i;
                return 0;
        case SD_BUS_TYPE_INT64:
                v->type = VALUE_INT;
                v->i = raw.x;
                return 0;
        case SD_BUS_TYPE_DOUBLE:
                v->type = VALUE_DOUBLE;
                v->d = raw.d;
                return 0;
        default: /* string, object path, signature */
                v->type = VALUE_STRING;
                v->s = strdup(raw.s);
                return v->s ? 0 : -ENOMEM;
        }
}

/* Reads one {key, value} entry into v. */
static int read_entry(sd_bus_message *m, const char *contents, Value *v)
{
        _cleanup_(value_freep) Value *key = NULL, *item = NULL;
        char number[32];
        int r;

        r = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, contents);
        if (r < 0)
                return r;
        r = read_next(m, &key);
        if (r < 0)
                return r;
        r = read_next(m, &item);
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;

        if (key->type == VALUE_INT)
                (void)snprintf(number, sizeof(number), "%" PRIi64, key->i);
        else
                (void)snprintf(number, sizeof(number), "%" PRIu64, key->u);
        return value_add(v, key->s ? key->s : number, TAKE_PTR(item));
}

/* Reads what an entered container holds. */
static int read_items(sd_bus_message *m, Value *v)
{
        for (;;) {
                _cleanup_(value_freep) Value *item = NULL;
                const char *contents;
                char type;
                int r;

                r = sd_bus_message_peek_type(m, &type, &contents);
                if (r <= 0)
                        return r;
                if (type == SD_BUS_TYPE_DICT_ENTRY) {
                        v->type = VALUE_DICT;
                        r = read_entry(m, contents, v);
                } else {
                        r = read_next(m, &item);
                        if (r >= 0)
                                r = value_add(v, NULL, TAKE_PTR(item));
                }
                if (r < 0)
                        return r;
        }
}

/* Reads the next complete value.  sd-bus has checked the message: containers nest
 * at most 64 deep. */
static int read_next(sd_bus_message *m, Value **ret)
{
        _cleanup_(value_freep) Value *v = NULL;
        const char *contents;
        char type;
        int r;

        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r < 0)
                return r;
        if (r == 0)
                return -EBADMSG;

        if (type == SD_BUS_TYPE_VARIANT) {
                r = sd_bus_message_enter_container(m, type, contents);
                if (r >= 0)
                        r = read_next(m, &v);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        } else {
                r = value_new(VALUE_NULL, NULL, &v);
                if (r < 0)
                        return r;
                if (type == SD_BUS_TYPE_ARRAY || type == SD_BUS_TYPE_STRUCT) {
                        v->type = type == SD_BUS_TYPE_STRUCT ? VALUE_STRUCT
                                  : contents[0] == '{'       ? VALUE_DICT
                                                             : VALUE_ARRAY;
                        r = sd_bus_message_enter_container(m, type, contents);
                        if (r >= 0)
                                r = read_items(m, v);
                        if (r >= 0)
                                r = sd_bus_message_exit_container(m);
                } else
                        r = read_basic(m, type, v);
        }
        if (r < 0)
                return r;
        *ret = TAKE_PTR(v);
        return 0;
}

int value_read(sd_bus_message *m, Value **ret)
{
        _cleanup_(value_freep) Value *v = NULL;
        int r;

        r = value_new(VALUE_STRUCT, NULL, &v);
        if (r < 0)
                return r;
        r = read_items(m, v);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(v);
        return 0;
}
