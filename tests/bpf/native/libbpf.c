// SPDX-License-Identifier: GPL-2.0-or-later
/* The part of libbpf that the tests call, for programs that run in this process.  P2S_NATIVE_BPF
 * names object.c's shared object. */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/pkt_cls.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "p2s.skel.h"
#include "util.h"

#define OBJECTS_MAX  16
#define PACKET_SPACE 16384u

struct bpf_map {
        struct native *native;
        struct native_map *map;
        int fd;
};

struct bpf_program {
        struct native *native;
        native_program run;
        int fd;
};

/* One copy of the object. */
struct native {
        void *library;
        struct native_object *object;
        struct native_rodata rodata;
        struct bpf_map maps[16];
        struct bpf_program programs[4];
};

struct ring_buffer {
        struct native *native;
        ring_buffer_sample_fn sample;
        void *ctx;
};

static struct native *natives[OBJECTS_MAX];

/* A number that no other descriptor has. */
static int number_new(void)
{
        return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* A copy, as one library is loaded once. */
static void *load_copy(const char *path)
{
        _cleanup_close_ int from = open(path, O_RDONLY | O_CLOEXEC);
        _cleanup_close_ int to = memfd_create("p2s-bpf", MFD_CLOEXEC);
        char copy[64];
        struct stat st;

        if (from < 0 || to < 0 || fstat(from, &st) < 0)
                return NULL;
        for (off_t at = 0; at < st.st_size;)
                if (sendfile(to, from, &at, (size_t)(st.st_size - at)) <= 0)
                        return NULL;
        (void)snprintf(copy, sizeof(copy), "/proc/self/fd/%d", to);
        return dlopen(copy, RTLD_NOW | RTLD_LOCAL);
}

static struct bpf_map *map_named(struct native *n, const char *name)
{
        for (size_t i = 0; i < n->object->n_maps; i++)
                if (strcmp(n->object->maps[i].name, name) == 0) {
                        n->maps[i] = (struct bpf_map){n, &n->object->maps[i], -1};
                        return &n->maps[i];
                }
        return NULL;
}

struct p2s_bpf *p2s_bpf__open(void)
{
        const char *path = getenv("P2S_NATIVE_BPF");
        struct p2s_bpf *skel = calloc(1, sizeof(*skel));
        struct native *n = calloc(1, sizeof(*n));
        size_t free_place = 0;

        while (free_place < OBJECTS_MAX && natives[free_place])
                free_place++;
        if (!path || !skel || !n || free_place == OBJECTS_MAX)
                abort();
        n->library = load_copy(path);
        if (!n->library) {
                (void)fprintf(stderr, "%s: %s\n", path, dlerror());
                abort();
        }
        n->object = dlsym(n->library, NATIVE_OBJECT);
        natives[free_place] = n;
        for (size_t i = 0; i < FLOW_ID_SECRETS; i++)
                n->rodata.flow_secret[i] = n->object->secret[i];

        n->programs[0] = (struct bpf_program){n, n->object->egress, number_new()};
        n->programs[1] = (struct bpf_program){n, n->object->ingress, number_new()};
        n->programs[2] = (struct bpf_program){n, n->object->xdp, number_new()};
        n->programs[3] = (struct bpf_program){n, n->object->mark_video, number_new()};
        skel->native = n;
        skel->progs.p2s_egress = &n->programs[0];
        skel->progs.p2s_ingress = &n->programs[1];
        skel->progs.p2s_xdp = &n->programs[2];
        skel->progs.p2s_mark_video = &n->programs[3];
        skel->maps.flows = map_named(n, "flows");
        skel->maps.clock_guesses = map_named(n, "clock_guesses");
        skel->maps.totals = map_named(n, "totals");
        skel->maps.tuples = map_named(n, "tuples");
        skel->maps.sources = map_named(n, "sources");
        skel->maps.markers = map_named(n, "markers");
        skel->maps.events = map_named(n, "events");
        skel->maps.bss = map_named(n, "bss");
        skel->rodata = &n->rodata;
        skel->data_settings = (void *)n->object->settings;
        skel->data_ports = (void *)n->object->ports;
        skel->bss = (void *)n->object->index;
        return skel;
}

int p2s_bpf__load(struct p2s_bpf *skel)
{
        struct native *n = skel->native;
        int r = n->object->load(n->rodata.link_ethernet, n->rodata.test_clock);

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(n->maps); i++)
                if (n->maps[i].map)
                        n->maps[i].fd = n->maps[i].map->fd >= 0 ? n->maps[i].map->fd : number_new();
        return r;
}

void p2s_bpf__destroy(struct p2s_bpf *skel)
{
        struct native *n = skel->native;

        for (size_t i = 0; i < ELEMENTSOF(natives); i++)
                if (natives[i] == n)
                        natives[i] = NULL;
        for (size_t i = 0; i < ELEMENTSOF(n->programs); i++)
                (void)close(n->programs[i].fd);
        for (size_t i = 0; i < ELEMENTSOF(n->maps); i++)
                if (n->maps[i].map && n->maps[i].map->fd < 0)
                        (void)close(n->maps[i].fd);
        n->object->unload();
        (void)dlclose(n->library);
        free(n);
        free(skel);
}

static struct bpf_map *map_of(int fd)
{
        for (size_t i = 0; i < ELEMENTSOF(natives); i++)
                for (size_t m = 0; natives[i] && m < ELEMENTSOF(natives[i]->maps); m++)
                        if (natives[i]->maps[m].map && natives[i]->maps[m].fd == fd)
                                return &natives[i]->maps[m];
        abort();
}

static struct bpf_program *program_of(int fd)
{
        for (size_t i = 0; i < ELEMENTSOF(natives); i++)
                for (size_t p = 0; natives[i] && p < ELEMENTSOF(natives[i]->programs); p++)
                        if (natives[i]->programs[p].fd == fd)
                                return &natives[i]->programs[p];
        abort();
}

int bpf_program__fd(const struct bpf_program *prog)
{
        return prog->fd;
}

int bpf_map__fd(const struct bpf_map *map)
{
        return map->fd;
}

__u32 bpf_map__key_size(const struct bpf_map *map)
{
        return map->map->key_size;
}

__u32 bpf_map__value_size(const struct bpf_map *map)
{
        return map->map->value_size;
}

__u32 bpf_map__max_entries(const struct bpf_map *map)
{
        return map->map->max_entries;
}

int bpf_map_lookup_elem(int fd, const void *key, void *value)
{
        struct bpf_map *m = map_of(fd);
        const void *found = m->native->object->lookup(m->map, key);

        if (!found)
                return -ENOENT;
        memcpy(value, found, m->map->value_size);
        return 0;
}

int bpf_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
        struct bpf_map *m = map_of(fd);

        if (m->map->kind == NATIVE_PROGRAMS)
                value = &program_of(*(const int *)value)->run;
        return m->native->object->update(m->map, key, value);
}

int bpf_map_delete_elem(int fd, const void *key)
{
        struct bpf_map *m = map_of(fd);

        return m->native->object->remove(m->map, key);
}

int bpf_map_get_next_key(int fd, const void *key, void *next_key)
{
        struct bpf_map *m = map_of(fd);

        return m->native->object->any_key(m->map, next_key) ? 0 : -ENOENT;
}

int libbpf_num_possible_cpus(void)
{
        return 1;
}

libbpf_print_fn_t libbpf_set_print(libbpf_print_fn_t fn)
{
        return NULL;
}

int bpf_prog_load(enum bpf_prog_type type, const char *name, const char *license,
                  const struct bpf_insn *insns, size_t n, const struct bpf_prog_load_opts *opts)
{
        return number_new();
}

/* An skb's addresses have 32 bits: packets lie where these reach, behind a page that is
 * nobody's. */
static uint8_t *packet_space(void)
{
        static uint8_t *space;

        if (space)
                return space;
        space = mmap(NULL, PACKET_SPACE + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
                     -1, 0);
        if (space == MAP_FAILED || mprotect(space, PACKET_SPACE, PROT_READ | PROT_WRITE) < 0)
                abort();
        return space;
}

int bpf_prog_test_run_opts(int fd, struct bpf_test_run_opts *opts)
{
        struct bpf_program *p = program_of(fd);
        uint32_t size = opts->data_size_in;
        /* up to that page, so that what is read beyond the packet is a fault */
        uint8_t *data = packet_space() + PACKET_SPACE - size;
        struct __sk_buff skb = {};
        struct xdp_md xdp = {.data = (uint32_t)(uintptr_t)data,
                             .data_end = (uint32_t)(uintptr_t)data + size};

        if (size > PACKET_SPACE || size > opts->data_size_out)
                return -EINVAL;
        memcpy(data, opts->data_in, size);
        if (p->run == p->native->object->xdp) {
                opts->retval = (uint32_t)p->native->object->run(p->run, &xdp);
        } else {
                if (opts->ctx_in)
                        skb = *(const struct __sk_buff *)opts->ctx_in;
                skb.data = xdp.data;
                skb.data_end = xdp.data_end;
                skb.len = size;
                opts->retval = (uint32_t)p->native->object->run(p->run, &skb);
                if (opts->ctx_out)
                        *(struct __sk_buff *)opts->ctx_out = skb;
        }
        memcpy(opts->data_out, data, size);
        opts->data_size_out = size;
        return 0;
}

struct ring_buffer *ring_buffer__new(int fd, ring_buffer_sample_fn sample, void *ctx,
                                     const struct ring_buffer_opts *opts)
{
        struct ring_buffer *r = calloc(1, sizeof(*r));

        if (r)
                *r = (struct ring_buffer){map_of(fd)->native, sample, ctx};
        return r;
}

int ring_buffer__consume(struct ring_buffer *r)
{
        const void *event;
        size_t size;
        int n = 0;

        for (; (event = r->native->object->event(&size)); n++)
                (void)r->sample(r->ctx, (void *)(uintptr_t)event, size);
        return n;
}

void ring_buffer__free(struct ring_buffer *r)
{
        free(r);
}
