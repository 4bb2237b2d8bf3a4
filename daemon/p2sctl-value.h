/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A D-Bus reply as a tree, so that what a newer p2sd adds is carried along and
 * what it leaves out has a default. */
#pragma once

#include <systemd/sd-bus.h>

#include "util.h"

enum value_type {
        VALUE_NULL, /* a type that has no value here, such as a file descriptor */
        VALUE_BOOL,
        VALUE_INT,
        VALUE_UINT,
        VALUE_DOUBLE,
        VALUE_STRING,
        VALUE_ARRAY,
        VALUE_STRUCT, /* items without names */
        VALUE_DICT,   /* items with names */
};

typedef struct Value Value;
struct Value {
        enum value_type type;
        bool b;
        int64_t i;
        uint64_t u;
        double d;
        char *s;
        size_t n;
        Value **items;
        char **keys; /* of a VALUE_DICT */
};

/* Reads every argument of a message from where it stands: a VALUE_STRUCT with one
 * item an argument.  -EBADMSG, -ENOMEM. */
int value_read(sd_bus_message *m, Value **ret);
void value_free(Value *v);
DEFINE_CLEANUP(Value *, value_free);

/* Gives the fields of a struct, or of every struct in an array, these names and
 * so makes VALUE_DICTs of them.  Fields beyond the names become "Field7" …;
 * anything else than a struct stays as it is.  names: ends with NULL. */
int value_name(Value *v, const char *const names[]);

/* Adds an item to an empty value, an array or a dict (with a key), which takes it
 * over even when that fails. */
int value_add(Value *v, const char *key, Value *item);

/* A new VALUE_DICT, VALUE_ARRAY or VALUE_STRING (s). */
int value_new(enum value_type type, const char *s, Value **ret);

/* Takes every other item out of a dict.  keys: ends with NULL. */
void value_keep(Value *v, const char *const keys[]);

/* Look-ups that take any v, NULL too, and give the default where there is no such
 * item or where it has another type. */
const Value *value_get(const Value *v, const char *key);
const Value *value_at(const Value *v, size_t i);
size_t value_count(const Value *v);
const char *value_string(const Value *v, const char *otherwise);
uint64_t value_uint(const Value *v, uint64_t otherwise);
int64_t value_int(const Value *v, int64_t otherwise);
double value_double(const Value *v, double otherwise);
const char *value_get_string(const Value *v, const char *key, const char *otherwise);
uint64_t value_get_uint(const Value *v, const char *key, uint64_t otherwise);

/* The array (or NULL's) item whose key holds this string, or NULL. */
const Value *value_find(const Value *array, const char *key, const char *string);
