/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "authority.h"

#include <sys/socket.h>

#include "test.h"

/* A connection to nobody: messages can be made, none is ever answered. */
static sd_bus *bus_to_nobody(int *ret_peer)
{
        sd_bus *bus;
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        assert_int_equal(sd_bus_new(&bus), 0);
        assert_int_equal(sd_bus_set_fd(bus, fds[0], fds[0]), 0);
        assert_return_code(sd_bus_start(bus), 0);
        *ret_peer = fds[1];
        return bus;
}

static int handler(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
        fail();
        return 0;
}

/* Whoever calls it: there is no caller here to be found root. */
static void a_member_of_no_table_is_refused(void **state)
{
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(authority_freep) Authority *a = NULL;
        int peer, r;
        sd_bus *bus = bus_to_nobody(&peer);
        bool is_free = true;

        assert_null(authority_action("SetEverything", &is_free));
        assert_false(is_free);
        assert_int_equal(authority_new(bus, &a), 0);
        r = sd_bus_message_new_method_call(bus, &m, "org.p2s.Manager", "/org/p2s/Manager",
                                           "org.p2s.Manager", "SetEverything");
        assert_return_code(r, 0);
        r = authority_check(a, m, handler, NULL, &error);
        assert_int_equal(r, -EACCES);
        assert_string_equal(error.name, SD_BUS_ERROR_ACCESS_DENIED);
        assert_int_equal(authority_pending(a), 0);
        (void)close(peer);
        sd_bus_close_unref(bus);
}

static void a_member_says_its_action(void **state)
{
        bool is_free;

        assert_string_equal(authority_action("SetMode", &is_free), "org.p2s.set-mode");
        assert_false(is_free);
        assert_null(authority_action("GetStats", &is_free));
        assert_true(is_free);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_member_of_no_table_is_refused),
                cmocka_unit_test(a_member_says_its_action),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
