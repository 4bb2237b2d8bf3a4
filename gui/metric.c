/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "metric.h"
#include "words.h"

static const double dashes[] = {6, 3}, dots[] = {1.5, 3};

static double jitter(const P2sSample *sample, const P2sLayer *layer)
{
        double ms = p2s_sample_jitter(sample, layer->direction, P2S_VOICE);

        /* What one hears tells; a call of pictures alone is judged by them. */
        return isnan(ms) ? p2s_sample_jitter(sample, layer->direction, P2S_VIDEO) : ms;
}

static double bitrate(const P2sSample *sample, const P2sLayer *layer)
{
        const P2sFigures *f = sample->figures[layer->direction];

        if (layer->class == P2S_GENERAL)
                return (double)f[P2S_GENERAL].bitrate_bps;
        return (double)f[P2S_VOICE].bitrate_bps + (double)f[P2S_VIDEO].bitrate_bps;
}

static const char *jitter_unit(double top, double *divisor)
{
        *divisor = 1;
        /* Translators: milliseconds, the unit of a graph’s axis */
        return _("ms");
}

static const char *bitrate_unit(double top, double *divisor)
{
        *divisor = top < 1e6 ? 1e3 : 1e6;
        return top < 1e6 ? _("kbit/s") : _("Mbit/s");
}

/* Direction is told by dashes, class by width, and colour repeats both. */
/* P2S_VOICE stands for calls: voice and video. */
static const P2sLayer call_layers[] = {
        {N_("Outgoing"), "p2s_outgoing", NULL, 0, 2, P2S_OUTGOING, P2S_VOICE},
        {N_("Incoming"), "p2s_incoming", dashes, 2, 2, P2S_INCOMING, P2S_VOICE},
};

static const P2sLayer all_layers[] = {
        {N_("Calls, outgoing"), "p2s_outgoing", NULL, 0, 2, P2S_OUTGOING, P2S_VOICE},
        {N_("Calls, incoming"), "p2s_incoming", dashes, 2, 2, P2S_INCOMING, P2S_VOICE},
        {N_("Others, outgoing"), "p2s_general", NULL, 0, 1, P2S_OUTGOING, P2S_GENERAL},
        {N_("Others, incoming"), "p2s_general", dots, 2, 1.5, P2S_INCOMING, P2S_GENERAL},
};

static const P2sMetric metrics[] = {
        {"jitter", N_("Jitter"), call_layers, G_N_ELEMENTS(call_layers), 5, jitter,
         p2s_words_jitter, jitter_unit},
        {"call-bitrate", N_("Bitrate"), call_layers, G_N_ELEMENTS(call_layers), 100e3, bitrate,
         p2s_words_bitrate, bitrate_unit},
        {"bitrate", N_("Bitrate"), all_layers, G_N_ELEMENTS(all_layers), 100e3, bitrate,
         p2s_words_bitrate, bitrate_unit},
};

const P2sMetric *p2s_metric_get(const char *name)
{
        for (guint i = 0; i < G_N_ELEMENTS(metrics); i++)
                if (g_strcmp0(metrics[i].name, name) == 0)
                        return &metrics[i];
        return NULL;
}

double p2s_metric_current(const P2sMetric *metric, const P2sLayer *layer, P2sSeries *series)
{
        const P2sSample *newest = p2s_series_newest(series);
        double weight = 0, sum = 0;
        guint64 since;

        if (!newest)
                return NAN;
        since = newest->time_usec > G_USEC_PER_SEC ? newest->time_usec - G_USEC_PER_SEC + 1 : 0;
        for (guint i = p2s_series_find(series, since); i < p2s_series_get_length(series); i++) {
                const P2sSample *sample = p2s_series_peek(series, i);
                double value = metric->value(sample, layer);

                if (isnan(value))
                        continue;
                sum += value * (double)sample->interval_usec;
                weight += (double)sample->interval_usec;
        }
        return weight > 0 ? sum / weight : NAN;
}
