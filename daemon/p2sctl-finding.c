/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <sys/utsname.h>

#include "p2sctl-finding.h"
#include "p2sctl-module.h"
#include "text.h"
#include "units.h"

/* {Key} stands for the finding's value of that name; {Owner} for "somebody" where
 * nobody knows.  Times and rates are told in units that fit. */
static const struct {
        const char *code, *what, *advice;
} words[] = {
        {"kernel-lacks", "this kernel has no {Feature}", "{Module}"},
        {"mode-off", "p2sd is off: calls are not looked after", "'p2sctl mode shape' turns it on."},
        {"no-link", "no link is managed",
         "'p2sctl link auto --uplink RATE --downlink RATE' adds the one with the default route."},
        {"link-absent", "there is no such interface now",
         "'ip link' lists those that there are; 'p2sctl link {Link} --remove' forgets it."},
        {"link-down", "the link is down", "'ip link set {Interface} up', or plug it in."},
        {"link-busy", "{Owner} has a qdisc there that p2sd could not put back: {Reason}",
         "Choose one of the two: stop {Owner} on this link ('tc qdisc show dev {Interface}' has "
         "what stands "
         "there), then 'p2sctl reload'."},
        {"link-failed", "the kernel refused a change: {Reason}",
         "'journalctl -u p2sd' has more; 'p2sctl reload' tries again."},
        {"qdisc-replaced", "p2sd's own qdisc is gone: {Owner} has put {Qdisc} there",
         "Stop {Owner} on this link, then 'p2sctl reload'."},
        {"foreign-qdisc", "{Owner} has put the qdisc {Qdisc} there",
         "In mode shape p2sd's takes its place, and it comes back after; both together do not "
         "work."},
        {"foreign-ifb", "{Owner} shapes incoming packets, too, through {Ifb}",
         "Packets would be shaped twice: stop {Owner} on this link."},
        {"networkd-qdisc",
         "systemd-networkd is told to set a qdisc there, too, and will when the link comes up",
         "Take the section of the qdisc out of the .network file; 'networkctl status {Interface}' "
         "names it."},
        {"offload-bypasses", "{Feature} is on: the hardware forwards packets that p2sd never sees",
         "'ethtool -K {Interface} {Feature} off'."},
        {"offload-merges",
         "{Feature} is on: packets of calls are joined to larger ones before p2sd sees them",
         "'ethtool -K {Interface} {Feature} off'."},
        {"wifi-power-save",
         "Wi-Fi power save is on: incoming packets wait until the radio wakes, up to 0.1 s",
         "'iw dev {Interface} set power_save off'; with NetworkManager, wifi.powersave=2 in "
         "/etc/NetworkManager/conf.d keeps it so."},
        {"rate-unknown", "the {Direction} rate is not set: that direction is not shaped",
         "Measure the line while nothing else runs and say some 5 % less: 'p2sctl link {Link} "
         "{Option} RATE'."},
        {"rate-above-speed",
         "the {Direction} rate of {RateBps} is more than the interface itself has, {SpeedBps}",
         "The queue is not with p2sd then: 'p2sctl link {Link} {Option} RATE' with some 5 % less "
         "than the line has."},
        {"one-queue",
         "the {Direction} rate of {RateBps} is shaped by one queue, in place of the {Queues} of "
         "the "
         "interface: other traffic may get less than that",
         "If it does, 'p2sctl link {Link} {Option} 0': that direction is marked then, not shaped."},
        {"rate-too-high",
         "voice arrives with {JitterUsec} of jitter while the line is full ({BitrateBps}) and "
         "p2sd's queue is empty",
         "The rate of {RateBps} is more than the line has: lower it with 'p2sctl link {Link} "
         "--downlink RATE'."},
        {"bottleneck-elsewhere",
         "voice arrives with {JitterUsec} of jitter and {LostPackets} packets lost, while p2sd's "
         "queue is empty and the line is not full ({BitrateBps})",
         "The packets wait elsewhere: in the Wi-Fi, at the provider, or with who is called.  "
         "Try a cable."},
        {"jitter-at-source",
         "outgoing voice has {JitterUsec} of jitter and {LostPackets} packets missing before it "
         "reaches p2sd",
         "It comes so from the program, or from the network behind this machine: look at its load "
         "and its Wi-Fi."},
        {"rival-service", "{Unit} is running, which shapes links, too",
         "Two shapers on a link do not work: 'systemctl disable --now {Unit}', or leave its links "
         "to it."},
        {"polkit-absent", "polkit is not there: only root may change anything",
         "Install polkit (polkitd), or use sudo."},
        {"agent-absent", "no polkit agent runs here that could ask for a password",
         "Start your desktop's, install pkttyagent for the terminal, or use sudo."},
};

static int print_argument(FILE *f, const Value *finding, const char *key)
{
        const Value *v = value_get(finding, key);
        const char *s = value_string(v, NULL);
        char text[UNITS_MAX];
        size_t n = strlen(key);

        if (streq(key, "Option"))
                s = streq(value_get_string(finding, "Direction", ""), "outgoing") ? "--uplink"
                                                                                  : "--downlink";
        if (streq(key, "Owner") && (!s || *s == '\0'))
                s = "another program";
        if (s)
                return fputs(s, f);
        if (n > 3 && streq(key + n - 3, "Bps"))
                s = units_format_bps(text, value_uint(v, 0));
        else if (n > 4 && streq(key + n - 4, "Usec"))
                s = units_format_usec(text, value_uint(v, 0));
        else
                return fprintf(f, "%" PRIu64, value_uint(v, 0));
        return fputs(s, f);
}

static int expand(const Value *finding, const char *template, char **ret)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return -ENOMEM;
        for (const char *p = template; *p != '\0';) {
                size_t n = strcspn(p, "{");
                char key[32];

                (void)fwrite(p, 1, n, f);
                p += n;
                if (*p == '\0')
                        break;
                n = strcspn(p, "}");
                (void)snprintf(key, sizeof key, "%.*s", (int)n - 1, p + 1);
                (void)print_argument(f, finding, key);
                p += n + 1;
        }
        if (fclose(f) != 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

static int kernel_advice(const Value *finding, char **ret)
{
        struct utsname uts = {};

        (void)uname(&uts);
        return module_advice("", uts.release, value_get_string(finding, "Module", ""),
                             value_get_string(finding, "Option", ""), ret);
}

int finding_words(const Value *finding, char **ret_what, char **ret_advice)
{
        const char *code = value_get_string(finding, "Code", "?");
        _cleanup_free_ char *what = NULL, *advice = NULL;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(words); i++) {
                if (!streq(words[i].code, code))
                        continue;
                r = expand(finding, words[i].what, &what);
                if (r >= 0)
                        r = streq(code, "kernel-lacks") ? kernel_advice(finding, &advice)
                                                        : expand(finding, words[i].advice, &advice);
                if (r < 0)
                        return r;
                *ret_what = TAKE_PTR(what);
                *ret_advice = TAKE_PTR(advice);
                return 0;
        }
        r = text_set(&what, "%s", code);
        if (r >= 0)
                r = text_set(&advice, "%s", "");
        if (r < 0)
                return r;
        *ret_what = TAKE_PTR(what);
        *ret_advice = TAKE_PTR(advice);
        return 0;
}
