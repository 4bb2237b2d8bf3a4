/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ifaddrs.h>
#include <netinet/in.h>

#include "local-addresses.h"

static bool is_same(const struct sockaddr *s, const uint8_t address[static 16])
{
        static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;

        if (!s)
                return false;
        if (s->sa_family == AF_INET) {
                memcpy(&v4, s, sizeof v4);
                return memcmp(address, mapped, sizeof mapped) == 0 &&
                       memcmp(address + sizeof mapped, &v4.sin_addr, 4) == 0;
        }
        if (s->sa_family == AF_INET6) {
                memcpy(&v6, s, sizeof v6);
                return memcmp(address, &v6.sin6_addr, 16) == 0;
        }
        return false;
}

bool local_addresses_have(LocalAddresses *a, const uint8_t address[static 16])
{
        if (!a->list && getifaddrs(&a->list) < 0) {
                a->list = NULL;
                return false;
        }
        for (const struct ifaddrs *i = a->list; i; i = i->ifa_next)
                if (is_same(i->ifa_addr, address))
                        return true;
        return false;
}

void local_addresses_forget(LocalAddresses *a)
{
        if (a->list)
                freeifaddrs(a->list);
        a->list = NULL;
}
