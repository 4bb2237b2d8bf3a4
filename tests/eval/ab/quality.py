# SPDX-License-Identifier: GPL-2.0-or-later
"""Opus's mean opinion score by the E-model, ITU-T G.107, as p2sd estimates it
(daemon/call-quality.h), of what the browser itself heard.  Pure."""

PACKET_MS = 20   # of sound in a packet, and so waited for before it is sent
OPUS_IE, OPUS_BPL = 0, 25.1  # daemon/codec.c


def rating(delay_ms, loss_percent):
    """R.  delay_ms: from mouth to ear; loss_percent: what could not be played."""
    impairment = OPUS_IE + (95 - OPUS_IE) * loss_percent / (loss_percent + OPUS_BPL)
    late = 0.024 * delay_ms + (0.11 * (delay_ms - 177.3) if delay_ms > 177.3 else 0)
    return min(93.2, max(0, 93.2 - late - impairment))


def opinion(rated):
    """MOS, 1.0 … 4.5, of R: G.107 annex B."""
    return max(1.0, 1 + 0.035 * rated + rated * (rated - 60) * (100 - rated) * 7e-6)
