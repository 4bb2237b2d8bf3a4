/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What p2sd cannot see: who is asked for a password here, which services run. */
#include <ctype.h>
#include <dirent.h>
#include <sys/stat.h>

#include "p2sctl-doctor.h"

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define PKTTYAGENT  "/usr/bin/pkttyagent"

/* Other tools that shape links, as their units are called. */
static const char *const rival_units[] = {
        "wondershaper*.service",  "sqm*.service",     "qosify*.service",   "fireqos*.service",
        "cake-autorate*.service", "qosmate*.service", "waechter*.service", NULL};

/* Programs that ask for passwords on a desktop's behalf, as /proc/PID/comm has them
 * (15 bytes). */
static const char *const agents[] = {"gnome-shell",     "polkit-gnome-au", "polkit-kde-auth",
                                     "polkit-mate-aut", "xfce-polkit",     "lxpolkit",
                                     "lxqt-policykit-", "cinnamon",        "budgie-polkit-d",
                                     "ukui-polkit",     "dde-polkit-agen", "hyprpolkitagent",
                                     "cosmic-osd",      "pantheon-agent",  "gnome-flashback",
                                     "phosh",           "soteria",         "pkttyagent"};

static int add(Value *findings, const char *code, const char *severity, const char *key,
               const char *value)
{
        const char *const pairs[] = {"Code", code, "Severity", severity, key, value};
        _cleanup_(value_freep) Value *finding = NULL;
        int r;

        r = value_new(VALUE_DICT, NULL, &finding);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(pairs) && pairs[i]; i += 2) {
                Value *text;

                r = value_new(VALUE_STRING, pairs[i + 1], &text);
                if (r >= 0)
                        r = value_add(finding, pairs[i], text);
        }
        return r < 0 ? r : value_add(findings, NULL, TAKE_PTR(finding));
}

/* The unit names of an answer to ListUnitsByPatterns. */
static int add_units(Value *findings, sd_bus_message *reply)
{
        const char *unit;
        int r;

        r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'r', "ssssssouso")) > 0) {
                r = sd_bus_message_read(reply, "s", &unit);
                if (r >= 0)
                        r = add(findings, "rival-service", "warning", "Unit", unit);
                if (r >= 0)
                        r = sd_bus_message_skip(reply, "sssssouso");
                if (r >= 0)
                        r = sd_bus_message_exit_container(reply);
        }
        return r == -ENOMEM ? r : 0;
}

static int look_for_rivals(Ctl *c, Value *findings)
{
        static const char *const states[] = {"active", "reloading", "activating", NULL};
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = sd_bus_message_new_method_call(
                c->bus, &m, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                "org.freedesktop.systemd1.Manager", "ListUnitsByPatterns");
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **)states);
        if (r >= 0)
                r = sd_bus_message_append_strv(m, (char **)rival_units);
        if (r < 0)
                return r;
        /* without systemd there are none of its units */
        if (sd_bus_call(c->bus, m, 0, NULL, &reply) < 0)
                return 0;
        return add_units(findings, reply);
}

/* Whether one of them runs for this user: another's session asks that one alone. */
static bool agent_runs(void)
{
        DIR *proc = opendir("/proc");
        const struct dirent *entry;
        bool found = false;

        while (proc && !found && (entry = readdir(proc))) {
                _cleanup_fclose_ FILE *f = NULL;
                char path[64], comm[32] = "";
                struct stat st;

                if (!isdigit((unsigned char)entry->d_name[0]) || strlen(entry->d_name) > 20)
                        continue;
                (void)snprintf(path, sizeof path, "/proc/%.20s/comm", entry->d_name);
                f = fopen(path, "re");
                if (!f || fstat(fileno(f), &st) < 0 || st.st_uid != getuid() ||
                    !fgets(comm, sizeof comm, f))
                        continue;
                comm[strcspn(comm, "\n")] = '\0';
                for (size_t i = 0; i < ELEMENTSOF(agents); i++)
                        found = found || streq(comm, agents[i]);
        }
        if (proc)
                (void)closedir(proc);
        return found;
}

/* Whether a change would be asked a password for; -EOPNOTSUPP: polkit is not there. */
static int would_ask(Ctl *c)
{
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *self;
        int authorized, challenge, r;

        r = sd_bus_get_unique_name(c->bus, &self);
        if (r < 0)
                return r;
        r = sd_bus_call_method(c->bus, POLKIT_NAME, "/org/freedesktop/PolicyKit1/Authority",
                               "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization", &error,
                               &reply, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s", self,
                               "org.p2s.configure", 0, 0, "");
        if (sd_bus_error_has_name(&error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
            sd_bus_error_has_name(&error, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return -EOPNOTSUPP;
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(reply, 'r', "bba{ss}");
        if (r >= 0)
                r = sd_bus_message_read(reply, "bb", &authorized, &challenge);
        return r < 0 ? r : !authorized && challenge;
}

static int look_for_polkit(Ctl *c, Value *findings)
{
        int r;

        if (geteuid() == 0)
                return 0;
        r = would_ask(c);
        if (r == -EOPNOTSUPP)
                return add(findings, "polkit-absent", "warning", NULL, NULL);
        if (r > 0 && !(isatty(STDIN_FILENO) && access(PKTTYAGENT, X_OK) == 0) && !agent_runs())
                return add(findings, "agent-absent", "warning", NULL, NULL);
        return 0;
}

int doctor_look_here(Ctl *c, Value *findings)
{
        int r = look_for_rivals(c, findings);

        return r < 0 ? r : look_for_polkit(c, findings);
}
