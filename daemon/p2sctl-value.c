/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "p2sctl-value.h"

void value_free(Value *v)
{
        if (!v)
                return;
        for (size_t i = 0; i < v->n; i++) {
                value_free(v->items[i]);
                if (v->keys)
                        free(v->keys[i]);
        }
        free(v->items);
        free(v->keys);
        free(v->s);
        free(v);
}

int value_new(enum value_type type, const char *s, Value **ret)
{
        _cleanup_(value_freep) Value *v = calloc(1, sizeof(*v));

        if (!v)
                return -ENOMEM;
        v->type = type;
        if (s) {
                v->s = strdup(s);
                if (!v->s)
                        return -ENOMEM;
        }
        *ret = TAKE_PTR(v);
        return 0;
}

int value_add(Value *v, const char *key, Value *item)
{
        _cleanup_(value_freep) Value *owned = item;
        _cleanup_free_ char *name = NULL;
        Value **items;
        char **keys;

        items = reallocarray(v->items, v->n + 1, sizeof(*items));
        if (!items)
                return -ENOMEM;
        v->items = items;
        if (key) {
                keys = reallocarray(v->keys, v->n + 1, sizeof(*keys));
                if (!keys)
                        return -ENOMEM;
                v->keys = keys;
                name = strdup(key);
                if (!name)
                        return -ENOMEM;
                v->keys[v->n] = TAKE_PTR(name);
        }
        v->items[v->n++] = TAKE_PTR(owned);
        return 0;
}

int value_name(Value *v, const char *const names[])
{
        size_t known = 0;

        if (v && v->type == VALUE_ARRAY) {
                for (size_t i = 0; i < v->n; i++) {
                        int r = value_name(v->items[i], names);

                        if (r < 0)
                                return r;
                }
                return 0;
        }
        if (!v || v->type != VALUE_STRUCT)
                return 0;

        v->keys = calloc(v->n + 1, sizeof(*v->keys));
        if (!v->keys)
                return -ENOMEM;
        while (names[known])
                known++;
        for (size_t i = 0; i < v->n; i++) {
                if (i < known)
                        v->keys[i] = strdup(names[i]);
                else if (asprintf(&v->keys[i], "Field%zu", i + 1) < 0)
                        v->keys[i] = NULL;
                if (!v->keys[i])
                        return -ENOMEM;
        }
        v->type = VALUE_DICT;
        return 0;
}

void value_keep(Value *v, const char *const keys[])
{
        size_t kept = 0;

        if (!v || v->type != VALUE_DICT)
                return;
        for (size_t i = 0; i < v->n; i++) {
                size_t k = 0;

                while (keys[k] && !streq(keys[k], v->keys[i]))
                        k++;
                if (keys[k]) {
                        v->keys[kept] = v->keys[i];
                        v->items[kept++] = v->items[i];
                } else {
                        free(v->keys[i]);
                        value_free(v->items[i]);
                }
        }
        v->n = kept;
}

const Value *value_get(const Value *v, const char *key)
{
        if (v && v->type == VALUE_DICT)
                for (size_t i = 0; i < v->n; i++)
                        if (streq(v->keys[i], key))
                                return v->items[i];
        return NULL;
}

const Value *value_at(const Value *v, size_t i)
{
        return i < value_count(v) ? v->items[i] : NULL;
}

size_t value_count(const Value *v)
{
        return v && v->type >= VALUE_ARRAY ? v->n : 0;
}

const char *value_string(const Value *v, const char *otherwise)
{
        return v && v->type == VALUE_STRING ? v->s : otherwise;
}

uint64_t value_uint(const Value *v, uint64_t otherwise)
{
        if (v && v->type == VALUE_UINT)
                return v->u;
        if (v && v->type == VALUE_INT && v->i >= 0)
                return (uint64_t)v->i;
        return otherwise;
}

int64_t value_int(const Value *v, int64_t otherwise)
{
        if (v && v->type == VALUE_INT)
                return v->i;
        if (v && v->type == VALUE_UINT && v->u <= INT64_MAX)
                return (int64_t)v->u;
        return otherwise;
}

double value_double(const Value *v, double otherwise)
{
        return v && v->type == VALUE_DOUBLE ? v->d : otherwise;
}

const char *value_get_string(const Value *v, const char *key, const char *otherwise)
{
        return value_string(value_get(v, key), otherwise);
}

uint64_t value_get_uint(const Value *v, const char *key, uint64_t otherwise)
{
        return value_uint(value_get(v, key), otherwise);
}

const Value *value_find(const Value *array, const char *key, const char *string)
{
        for (size_t i = 0; i < value_count(array); i++)
                if (streq(value_get_string(array->items[i], key, ""), string))
                        return array->items[i];
        return NULL;
}
