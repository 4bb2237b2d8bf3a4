/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What object.c exports: the programs of bpf/ with maps of their own, in a process. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flow-id.h"
#include "p2s-abi.h"

enum native_map_kind {
        NATIVE_ARRAY,
        NATIVE_HASH, /* the least recently used goes where it is full */
        NATIVE_PROGRAMS,
        NATIVE_RING,
        NATIVE_GLOBALS, /* what begins as zero */
};

struct native_map {
        const char *name;
        void *map; /* as the programs name it */
        enum native_map_kind kind;
        uint32_t key_size, value_size, max_entries;
        /* of an array: its values; fd: where they are in a file, too */
        void *values;
        int fd;
};

typedef int (*native_program)(void *ctx);

struct native_object {
        struct native_map *maps;
        size_t n_maps;
        native_program egress, ingress, xdp, mark_video;
        struct p2s_settings *settings;
        uint8_t *ports;
        struct flow_index *index;
        const volatile uint32_t *secret;

        /* 0, or a negative errno.  Before anything else: takes memory, sets the constants. */
        int (*load)(bool link_ethernet, bool test_clock);
        void (*unload)(void);
        /* Runs it, through tail calls. */
        int (*run)(native_program program, void *ctx);
        void *(*lookup)(struct native_map *map, const void *key);
        int (*update)(struct native_map *map, const void *key, const void *value);
        int (*remove)(struct native_map *map, const void *key);
        /* Any key of a hash; false = it is empty. */
        bool (*any_key)(struct native_map *map, void *key);
        /* The next event of a ring's; NULL = there is none. */
        const void *(*event)(size_t *size);
};

/* The name by which it is found in the shared object. */
#define NATIVE_OBJECT "native_object"
