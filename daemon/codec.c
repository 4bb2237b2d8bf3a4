/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "codec.h"

/* Ie and Bpl: ITU-T G.113 appendix I.  G.711 with loss concealment, as every
 * present receiver has it; G.729A, G.723.1 at 6.3 kbit/s.  G.722 hears as well as
 * G.711 on the narrow-band scale that MOS is told on. */
#define AUDIO(n, hz)                                                                               \
        {                                                                                          \
                .name = (n), .clock_hz = (hz), .audio = true                                       \
        }
#define VIDEO(n)                                                                                   \
        {                                                                                          \
                .name = (n), .clock_hz = 90000                                                     \
        }
#define SPEECH(n, hz, impair, robust)                                                              \
        {                                                                                          \
                .name = (n), .clock_hz = (hz), .audio = true, .has_impairment = true,              \
                .ie = (impair), .bpl = (robust)                                                    \
        }

/* RFC 3551 tables 4 and 5.  G722's clock is 8 kHz by an old mistake that the RFC
 * keeps (section 4.5.2). */
static const struct codec static_codecs[] = {
        [0] = SPEECH("PCMU", 8000, 0, 25.1),
        [3] = AUDIO("GSM", 8000),
        [4] = SPEECH("G723", 8000, 15, 16.1),
        [5] = AUDIO("DVI4", 8000),
        [6] = AUDIO("DVI4", 16000),
        [7] = AUDIO("LPC", 8000),
        [8] = SPEECH("PCMA", 8000, 0, 25.1),
        [9] = SPEECH("G722", 8000, 0, 25.1),
        [10] = AUDIO("L16", 44100),
        [11] = AUDIO("L16", 44100),
        [12] = AUDIO("QCELP", 8000),
        [13] = AUDIO("CN", 8000),
        [14] = AUDIO("MPA", 90000),
        [15] = AUDIO("G728", 8000),
        [16] = AUDIO("DVI4", 11025),
        [17] = AUDIO("DVI4", 22050),
        [18] = SPEECH("G729", 8000, 11, 19.0),
        [25] = VIDEO("CelB"),
        [26] = VIDEO("JPEG"),
        [28] = VIDEO("nv"),
        [31] = VIDEO("H261"),
        [32] = VIDEO("MPV"),
        [33] = VIDEO("MP2T"),
        [34] = VIDEO("H263"),
};

/* G.113 has no values for Opus.  Without loss it is transparent on this scale;
 * its concealment and in-band FEC are taken to be as good as G.711's. */
static const struct codec opus = SPEECH("opus", 48000, 0, 25.1);

static const struct codec *find_static(uint8_t payload_type)
{
        if (payload_type >= ELEMENTSOF(static_codecs) || !static_codecs[payload_type].name)
                return NULL;
        return static_codecs + payload_type;
}

/* WebRTC hands out 35 … 63 too once 96 … 127 are taken. */
static bool is_dynamic(uint8_t payload_type)
{
        return (payload_type >= 35 && payload_type <= 63) ||
               (payload_type >= 96 && payload_type <= 127);
}

const struct codec *codec_find(uint8_t payload_type, uint32_t clock_hz)
{
        if (is_dynamic(payload_type))
                return clock_hz == opus.clock_hz ? &opus : NULL;
        return find_static(payload_type);
}

uint32_t codec_static_clock(uint8_t payload_type)
{
        const struct codec *codec = find_static(payload_type);

        return codec ? codec->clock_hz : 0;
}
