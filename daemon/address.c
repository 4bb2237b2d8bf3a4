/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

char *address_format(const uint8_t a[static 16], char ret[static INET6_ADDRSTRLEN])
{
        static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

        if (memcmp(a, mapped, sizeof mapped) == 0)
                (void)inet_ntop(AF_INET, a + 12, ret, INET6_ADDRSTRLEN);
        else
                (void)inet_ntop(AF_INET6, a, ret, INET6_ADDRSTRLEN);
        return ret;
}
