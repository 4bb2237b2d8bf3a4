/* SPDX-License-Identifier: GPL-2.0-or-later */
/* org.freedesktop.LogControl1(5): "systemctl service-log-level p2sd debug".
 *
 * Writing is for root alone: without SD_BUS_VTABLE_UNPRIVILEGED sd-bus refuses
 * others itself, as it does for systemd's own services. */
#include "bus.h"
#include "log.h"

#define LOG_CONTROL_PATH      "/org/freedesktop/LogControl1"
#define LOG_CONTROL_INTERFACE "org.freedesktop.LogControl1"

static int get_level(sd_bus *bus, const char *path, const char *interface, const char *property,
                     sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "s", log_level_to_string(log_level()));
}

static int set_level(sd_bus *bus, const char *path, const char *interface, const char *property,
                     sd_bus_message *value, void *userdata, sd_bus_error *error)
{
        const char *s;
        int r, level;

        r = sd_bus_message_read(value, "s", &s);
        if (r < 0)
                return r;
        level = log_level_from_string(s);
        if (level < 0)
                return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS,
                                        "LogLevel is one of emerg, alert, crit, err, warning, "
                                        "notice, info, debug");
        log_notice("log: level %s", log_level_to_string(level));
        log_set_level(level);
        return 0;
}

static int get_target(sd_bus *bus, const char *path, const char *interface, const char *property,
                      sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "s", log_target_to_string(log_target()));
}

static int set_target(sd_bus *bus, const char *path, const char *interface, const char *property,
                      sd_bus_message *value, void *userdata, sd_bus_error *error)
{
        const char *s;
        int r, target;

        r = sd_bus_message_read(value, "s", &s);
        if (r < 0)
                return r;
        target = log_target_from_string(s);
        if (target < 0)
                return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS,
                                        "LogTarget is one of auto, journal, console, null");
        log_notice("log: target %s", s);
        log_set_target((enum log_target)target);
        return 0;
}

static int get_identifier(sd_bus *bus, const char *path, const char *interface,
                          const char *property, sd_bus_message *reply, void *userdata,
                          sd_bus_error *error)
{
        return sd_bus_message_append(reply, "s", LOG_IDENTIFIER);
}

static const sd_bus_vtable log_control_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_WRITABLE_PROPERTY("LogLevel", "s", get_level, set_level, 0, 0),
        SD_BUS_WRITABLE_PROPERTY("LogTarget", "s", get_target, set_target, 0, 0),
        SD_BUS_PROPERTY("SyslogIdentifier", "s", get_identifier, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

int bus_log_control_add(sd_bus *bus)
{
        return sd_bus_add_object_vtable(bus, NULL, LOG_CONTROL_PATH, LOG_CONTROL_INTERFACE,
                                        log_control_vtable, NULL);
}
