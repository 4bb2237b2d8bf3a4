/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "units.h"

#include <inttypes.h>
#include <strings.h>

#include "util.h"

/* Fraction digits beyond these cannot change a result of whole bit/s or µs: 10^12
 * is the largest multiplier in use. */
#define FRACTION_DIGITS_MAX 12

struct suffix {
        const char *name;
        uint64_t factor;
};

/* value += add × factor, or -ERANGE. */
static int add_scaled(uint64_t *value, uint64_t add, uint64_t factor)
{
        uint64_t product;

        if (__builtin_mul_overflow(add, factor, &product) ||
            __builtin_add_overflow(*value, product, value))
                return -ERANGE;
        return 0;
}

/* Reads digits[.digits] at *s and moves *s behind it.  The value is
 * *whole + *fraction / *scale. */
static int parse_decimal(const char **s, uint64_t *whole, uint64_t *fraction, uint64_t *scale)
{
        const char *p = *s;
        uint64_t w = 0, f = 0, sc = 1;
        bool overflow = false;

        if (*p < '0' || *p > '9')
                return -EINVAL;
        for (; *p >= '0' && *p <= '9'; p++)
                if (__builtin_mul_overflow(w, UINT64_C(10), &w) ||
                    __builtin_add_overflow(w, (uint64_t)(*p - '0'), &w))
                        overflow = true;
        if (*p == '.') {
                p++;
                if (*p < '0' || *p > '9')
                        return -EINVAL;
                for (unsigned i = 0; *p >= '0' && *p <= '9'; p++, i++)
                        if (i < FRACTION_DIGITS_MAX) {
                                f = f * 10 + (uint64_t)(*p - '0');
                                sc *= 10;
                        }
        }
        *s = p;
        *whole = w;
        *fraction = f;
        *scale = sc;
        return overflow ? -ERANGE : 0;
}

/* (whole + fraction / scale) × factor, cut to an integer. */
static int scale_decimal(uint64_t whole, uint64_t fraction, uint64_t scale, uint64_t factor,
                         uint64_t *ret)
{
        uint64_t value;
        int r;

        /* fraction < scale ≤ 10^12 and factor ≤ 10^12: the product needs 80 bits. */
        value = (uint64_t)((unsigned __int128)fraction * factor / scale);
        r = add_scaled(&value, whole, factor);
        if (r < 0)
                return r;
        *ret = value;
        return 0;
}

static uint64_t prefix_factor(char c)
{
        switch (c) {
        case 'k':
        case 'K':
                return UINT64_C(1000);
        case 'm':
        case 'M':
                return UINT64_C(1000000);
        case 'g':
        case 'G':
                return UINT64_C(1000000000);
        case 't':
        case 'T':
                return UINT64_C(1000000000000);
        default:
                return 1;
        }
}

int units_parse_rate(const char *s, uint64_t *ret)
{
        static const char *const units[] = {"", "bit", "bit/s", "bps"};
        uint64_t whole, fraction, scale, factor, value;
        bool known = false;
        int overflow, r;

        if (strcasecmp(s, "unknown") == 0) {
                *ret = 0;
                return 0;
        }

        overflow = parse_decimal(&s, &whole, &fraction, &scale);
        if (overflow == -EINVAL)
                return overflow;
        /* A space with nothing behind it is no unit. */
        if (s[0] == ' ' && s[1] != '\0')
                s++;
        factor = prefix_factor(*s);
        if (factor > 1)
                s++;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                known = known || strcasecmp(s, units[i]) == 0;
        if (!known)
                return -EINVAL;
        if (overflow < 0)
                return overflow;

        r = scale_decimal(whole, fraction, scale, factor, &value);
        if (r < 0)
                return r;
        if (value < UNITS_RATE_MIN || value > UNITS_RATE_MAX)
                return -ERANGE;
        *ret = value;
        return 0;
}

int units_parse_span(const char *s, uint64_t *ret)
{
        static const struct suffix units[] = {
                {"", USEC_PER_SEC},         {"s", USEC_PER_SEC},        {"ms", USEC_PER_MSEC},
                {"min", 60 * USEC_PER_SEC}, {"h", 3600 * USEC_PER_SEC},
        };
        uint64_t whole, fraction, scale;
        int overflow;

        overflow = parse_decimal(&s, &whole, &fraction, &scale);
        if (overflow == -EINVAL)
                return overflow;
        if (s[0] == ' ' && s[1] != '\0')
                s++;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (streq(s, units[i].name))
                        return overflow < 0 ? overflow
                                            : scale_decimal(whole, fraction, scale, units[i].factor,
                                                            ret);
        return -EINVAL;
}

/* Three significant digits of value in the largest of the units (rising factors)
 * that leaves at least one digit before the point. */
static char *format_scaled(char *buf, uint64_t value, const struct suffix *units, size_t n)
{
        for (size_t i = n; i-- > 0;) {
                uint64_t factor = units[i].factor, hundredths, step, divisor;

                /* What rounds up to the next unit belongs there: 999,999 bit/s is 1 Mbit/s. */
                if (i > 0 && value < factor - factor / 2000)
                        continue;
                if (i == 0) {
                        (void)snprintf(buf, UNITS_MAX, "%" PRIu64 " %s", value, units[i].name);
                        return buf;
                }

                /* Whole, tenths or hundredths of the unit are the third digit. */
                step = value / factor >= 100 ? 100 : value / factor >= 10 ? 10 : 1;
                divisor = factor / 100 * step;
                hundredths = (value / divisor + (value % divisor >= (divisor + 1) / 2)) * step;

                if (hundredths % 100 == 0)
                        (void)snprintf(buf, UNITS_MAX, "%" PRIu64 " %s", hundredths / 100,
                                       units[i].name);
                else if (hundredths % 10 == 0)
                        (void)snprintf(buf, UNITS_MAX, "%" PRIu64 ".%" PRIu64 " %s",
                                       hundredths / 100, hundredths % 100 / 10, units[i].name);
                else
                        (void)snprintf(buf, UNITS_MAX, "%" PRIu64 ".%02" PRIu64 " %s",
                                       hundredths / 100, hundredths % 100, units[i].name);
                return buf;
        }
        return buf;
}

char *units_format_bps(char buf[static UNITS_MAX], uint64_t bps)
{
        static const struct suffix units[] = {
                {"bit/s", 1},
                {"kbit/s", UINT64_C(1000)},
                {"Mbit/s", UINT64_C(1000000)},
                {"Gbit/s", UINT64_C(1000000000)},
                {"Tbit/s", UINT64_C(1000000000000)},
        };

        return format_scaled(buf, bps, units, ELEMENTSOF(units));
}

char *units_format_rate(char buf[static UNITS_MAX], uint64_t bps)
{
        if (bps > 0)
                return units_format_bps(buf, bps);
        (void)snprintf(buf, UNITS_MAX, "unknown");
        return buf;
}

char *units_format_bytes(char buf[static UNITS_MAX], uint64_t bytes)
{
        static const struct suffix units[] = {
                {"B", 1},
                {"kB", UINT64_C(1000)},
                {"MB", UINT64_C(1000000)},
                {"GB", UINT64_C(1000000000)},
                {"TB", UINT64_C(1000000000000)},
        };

        return format_scaled(buf, bytes, units, ELEMENTSOF(units));
}

char *units_format_usec(char buf[static UNITS_MAX], uint64_t usec)
{
        static const struct suffix units[] = {
                {"µs", 1},
                {"ms", USEC_PER_MSEC},
                {"s", USEC_PER_SEC},
        };
        static const struct {
                const char *major, *minor;
                uint64_t seconds, ratio; /* of major, and minor parts in it */
        } long_units[] = {
                {"d", "h", 24 * 3600, 24},
                {"h", "min", 3600, 60},
                {"min", "s", 60, 60},
        };
        uint64_t seconds = usec / USEC_PER_SEC;

        /* 59.95 s and above would round to "60 s". */
        if (usec < 60 * USEC_PER_SEC - 50 * USEC_PER_MSEC)
                return format_scaled(buf, usec, units, ELEMENTSOF(units));
        seconds = MAX(seconds, UINT64_C(60));

        for (size_t i = 0; i < ELEMENTSOF(long_units); i++) {
                uint64_t minor;

                if (seconds < long_units[i].seconds)
                        continue;
                minor = seconds % long_units[i].seconds * long_units[i].ratio /
                        long_units[i].seconds;
                if (minor > 0)
                        (void)snprintf(buf, UNITS_MAX, "%" PRIu64 " %s %" PRIu64 " %s",
                                       seconds / long_units[i].seconds, long_units[i].major, minor,
                                       long_units[i].minor);
                else
                        (void)snprintf(buf, UNITS_MAX, "%" PRIu64 " %s",
                                       seconds / long_units[i].seconds, long_units[i].major);
                break;
        }
        return buf;
}
