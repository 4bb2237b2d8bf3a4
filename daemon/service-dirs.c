/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "service-dirs.h"
#include "util.h"

static const char *from_environment(const char *variable, const char *otherwise)
{
        const char *dir = secure_getenv(variable);

        return dir && dir[0] == '/' ? dir : otherwise;
}

const char *service_state_dir(void)
{
        return from_environment("STATE_DIRECTORY", "/var/lib/p2s");
}

const char *service_runtime_dir(void)
{
        return from_environment("RUNTIME_DIRECTORY", "/run/p2s");
}
