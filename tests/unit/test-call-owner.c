/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>

#include "call-owner.h"
#include "test.h"

#define SEC UINT64_C(1000000000)

static SocketTable sockets;
static uint64_t cookie;
static bool forwarding; /* no address is ours */

static int setup(void **state)
{
        socket_table_init(&sockets);
        cookie = 0;
        forwarding = false;
        return 0;
}

static int teardown(void **state)
{
        socket_table_done(&sockets);
        return 0;
}

static bool is_local(const uint8_t address[static 16], void *userdata)
{
        return !forwarding;
}

static void put_address(uint8_t ret[static 16], const char *text)
{
        uint8_t v4[4];

        if (inet_pton(AF_INET6, text, ret) == 1)
                return;
        assert_int_equal(inet_pton(AF_INET, text, v4), 1);
        memset(ret, 0, 16);
        ret[10] = ret[11] = 0xff;
        memcpy(ret + 12, v4, 4);
}

/* A socket of process pid (0: not looked for yet); "*" and "::" are any. */
static struct known_socket *add(const char *local, uint16_t port, const char *remote,
                                uint16_t remote_port, pid_t pid)
{
        struct udp_socket s = {
                .cookie = cookie + 1,
                .inode = (uint32_t)cookie + 1,
                .local_port = port,
                .remote_port = remote_port,
                .family = strchr(local, ':') ? AF_INET6 : AF_INET,
                .any = streq(local, "*") || streq(local, "::"),
        };
        struct known_socket *k;

        cookie++;
        put_address(s.local, streq(local, "*") ? "0.0.0.0" : local);
        if (remote)
                put_address(s.remote, remote);
        assert_int_equal(socket_table_take(&sockets, &s, NULL, NULL), 0);
        k = socket_table_find(&sockets, s.cookie);
        k->pid = pid;
        (void)snprintf(k->name, sizeof(k->name), "p%d", (int)pid);
        return k;
}

static struct p2s_flow_key key_of(const char *local, uint16_t port, const char *remote,
                                  uint16_t remote_port)
{
        struct p2s_flow_key key = {.local_port = htons(port), .remote_port = htons(remote_port)};

        put_address(key.local, local);
        put_address(key.remote, remote);
        return key;
}

/* The process of a call from 192.0.2.1:port to 198.51.100.1:9000; -1: no socket. */
static int owner_of(const char *local, uint16_t port, const char *remote)
{
        const struct p2s_flow_key key = key_of(local, port, remote, 9000);
        const struct known_socket *s = call_owner_socket(&sockets, &key, is_local, NULL);

        return s ? s->pid : -1;
}

#define OWNER(port)  owner_of("192.0.2.1", port, "198.51.100.1")
#define OWNER6(port) owner_of("2001:db8::1", port, "2001:db8::2")

static void test_ends(void **state)
{
        assert_int_equal(OWNER(5000), -1);
        add("*", 5000, NULL, 0, 1);
        add("192.0.2.1", 5001, NULL, 0, 2);
        add("192.0.2.9", 5002, NULL, 0, 3);
        add("192.0.2.1", 5003, "198.51.100.1", 9000, 4);
        add("192.0.2.1", 5004, "198.51.100.1", 443, 5);
        add("192.0.2.1", 5005, "198.51.100.9", 9000, 6);
        assert_int_equal(OWNER(5000), 1);
        assert_int_equal(OWNER(5001), 2);
        assert_int_equal(OWNER(5002), -1);
        assert_int_equal(OWNER(5003), 4);
        assert_int_equal(OWNER(5004), -1);
        assert_int_equal(OWNER(5005), -1);
        assert_int_equal(OWNER6(5000), -1);
}

static void test_best(void **state)
{
        add("*", 5000, NULL, 0, 1);
        assert_int_equal(OWNER(5000), 1);
        add("192.0.2.1", 5000, NULL, 0, 2);
        assert_int_equal(OWNER(5000), 2);
        add("192.0.2.1", 5000, "198.51.100.1", 9000, 3);
        assert_int_equal(OWNER(5000), 3);
        add("*", 5000, NULL, 0, 4);
        assert_int_equal(OWNER(5000), 3);
}

static void test_families(void **state)
{
        add("::", 5000, NULL, 0, 1);
        assert_int_equal(OWNER6(5000), 1);
        assert_int_equal(OWNER(5000), 1); /* dual stack */
        add("*", 5000, NULL, 0, 2);
        assert_int_equal(OWNER(5000), 2);
        assert_int_equal(OWNER6(5000), 1);
        add("::", 5001, NULL, 0, 3)->at.v6_only = true;
        assert_int_equal(OWNER6(5001), 3);
        assert_int_equal(OWNER(5001), -1);
}

/* SO_REUSEPORT: the kernel alone knows which one gets the packets. */
static void test_ties(void **state)
{
        struct known_socket *s;

        add("*", 5000, NULL, 0, 1);
        add("*", 5000, NULL, 0, 1);
        assert_int_equal(OWNER(5000), 1);
        add("*", 5000, NULL, 0, 2);
        assert_int_equal(OWNER(5000), -1);
        /* a better one decides */
        add("192.0.2.1", 5000, NULL, 0, 3);
        assert_int_equal(OWNER(5000), 3);

        /* not looked for yet: both are */
        add("*", 5001, NULL, 0, 0);
        s = add("*", 5001, NULL, 0, 0);
        assert_int_equal(OWNER(5001), 0);
        assert_true(s->wanted);
        s->pid = 7;
        assert_int_equal(OWNER(5001), -1);
}

/* A router's own socket is not that of a call that passes through. */
static void test_forwarded(void **state)
{
        forwarding = true;
        add("*", 5000, NULL, 0, 1);
        assert_int_equal(OWNER(5000), -1);
        add("192.0.2.1", 5001, NULL, 0, 2);
        assert_int_equal(OWNER(5001), 2);
}

/* A call table with one call of the port, as of `at`. */
static void feed(CallTable *calls, uint16_t port, uint64_t at)
{
        struct kernel_flow f = {
                .key = key_of("192.0.2.1", port, "198.51.100.1", 9000),
                .flow = {.first_ns = at,
                         .last_ns = at,
                         .packets = 1,
                         .class = P2S_CLASS_VOICE,
                         .rule = P2S_RULE_RTP},
        };

        f.key.ssrc = 1;
        assert_int_equal(call_table_update(calls, 1, &f, 1, at, NULL), 0);
}

static const char *name(const CallOwners *o, const CallTable *calls, pid_t pid)
{
        const struct call *call = call_table_next_call(calls, NULL);
        const struct call_owner *owner = call_owners_find(o, call->id);

        if (owner)
                assert_int_equal(owner->pid, pid);
        return owner ? owner->name : "-";
}

static void update(CallOwners *o, const CallTable *calls, bool changed)
{
        assert_int_equal(call_owners_update(o, calls, &sockets, changed, is_local, NULL), 0);
}

/* Closes every socket. */
static void close_all(void)
{
        socket_table_begin(&sockets);
        assert_true(socket_table_end(&sockets));
}

static void test_life(void **state)
{
        static const uint8_t seed[16];
        _cleanup_(call_table_freep) CallTable *calls = NULL;
        struct known_socket *s;
        CallOwners o;

        call_owners_init(&o);
        assert_int_equal(call_table_new(seed, &calls), 0);
        feed(calls, 5000, 100 * SEC);
        update(&o, calls, false);
        assert_string_equal(name(&o, calls, 0), "-");

        /* its socket is seen later, its process later still */
        s = add("*", 5000, NULL, 0, 0);
        assert_false(s->wanted);
        update(&o, calls, true);
        assert_true(s->wanted);
        assert_true(socket_is_sought(s));
        assert_string_equal(name(&o, calls, 0), "-");
        s->pid = 42;
        (void)strcpy(s->name, "Zoom");
        update(&o, calls, false);
        assert_string_equal(name(&o, calls, 42), "Zoom");

        /* it goes to another process */
        socket_table_disown(&sockets, 42);
        update(&o, calls, false);
        assert_string_equal(name(&o, calls, 42), "Zoom");
        s->pid = 43;
        (void)strcpy(s->name, "Helper");
        update(&o, calls, false);
        assert_string_equal(name(&o, calls, 43), "Helper");

        /* it is closed, and its port is another's: the name stays */
        close_all();
        add("*", 5000, NULL, 0, 99);
        update(&o, calls, true);
        assert_string_equal(name(&o, calls, 0), "Helper");

        /* the call ends, and a new one on the same port is the other's */
        call_table_drop_link(calls, 1, NULL);
        update(&o, calls, false);
        assert_int_equal(o.pool.n, 0);
        feed(calls, 5000, 200 * SEC);
        update(&o, calls, false);
        assert_string_equal(name(&o, calls, 99), "p99");
        call_owners_done(&o);
}

/* Calls without a socket here are not looked for for ever. */
static void test_patience(void **state)
{
        static const uint8_t seed[16];
        _cleanup_(call_table_freep) CallTable *calls = NULL;
        CallOwners o;

        call_owners_init(&o);
        assert_int_equal(call_table_new(seed, &calls), 0);
        feed(calls, 5000, 100 * SEC);
        for (int i = 0; i < 10; i++)
                update(&o, calls, false);
        add("*", 5000, NULL, 0, 1);
        update(&o, calls, false);
        assert_string_equal(name(&o, calls, 0), "-");
        update(&o, calls, true);
        assert_string_equal(name(&o, calls, 1), "p1");
        call_owners_done(&o);
}

static void on_fresh(struct known_socket *s, void *userdata)
{
        ++*(int *)userdata;
}

static void test_table(void **state)
{
        struct udp_socket a = {.cookie = 1, .inode = 10, .local_port = 5000};
        struct udp_socket b = {.cookie = 2, .inode = 11, .local_port = 5001};
        struct known_socket *s;
        int n = 0;

        socket_table_begin(&sockets);
        socket_table_take(&sockets, &a, on_fresh, &n);
        socket_table_take(&sockets, &b, on_fresh, &n);
        socket_table_take(&sockets, &b, on_fresh, &n); /* met twice */
        assert_true(socket_table_end(&sockets));
        assert_int_equal(n, 2);

        s = socket_table_find(&sockets, 1);
        s->wanted = true;
        for (int i = 0; i < SOCKET_LOOKS_MAX; i++) {
                assert_true(socket_is_sought(s));
                s->looks++;
        }
        assert_false(socket_is_sought(s));
        s->pid = 5;

        /* nothing changed */
        socket_table_begin(&sockets);
        socket_table_take(&sockets, &b, on_fresh, &n);
        socket_table_take(&sockets, &a, on_fresh, &n);
        assert_false(socket_table_end(&sockets));
        assert_int_equal(n, 2);

        /* connect() */
        a.remote_port = 9000;
        socket_table_begin(&sockets);
        socket_table_take(&sockets, &a, on_fresh, &n);
        socket_table_take(&sockets, &b, on_fresh, &n);
        assert_true(socket_table_end(&sockets));
        assert_int_equal(n, 3);
        assert_int_equal(socket_table_find(&sockets, 1)->pid, 5);

        /* its process ends, the socket does not */
        socket_table_disown(&sockets, 4);
        assert_false(socket_is_sought(socket_table_find(&sockets, 1)));
        socket_table_disown(&sockets, 5);
        assert_true(socket_is_sought(socket_table_find(&sockets, 1)));

        socket_table_begin(&sockets);
        socket_table_take(&sockets, &b, on_fresh, &n);
        assert_true(socket_table_end(&sockets));
        assert_null(socket_table_find(&sockets, 1));
        assert_non_null(socket_table_find(&sockets, 2));
        close_all();
        assert_null(socket_table_next(&sockets, NULL));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
                cmocka_unit_test_setup_teardown(test_best, setup, teardown),
                cmocka_unit_test_setup_teardown(test_families, setup, teardown),
                cmocka_unit_test_setup_teardown(test_ties, setup, teardown),
                cmocka_unit_test_setup_teardown(test_forwarded, setup, teardown),
                cmocka_unit_test_setup_teardown(test_life, setup, teardown),
                cmocka_unit_test_setup_teardown(test_patience, setup, teardown),
                cmocka_unit_test_setup_teardown(test_table, setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
