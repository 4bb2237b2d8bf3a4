// SPDX-License-Identifier: GPL-2.0-or-later
// What getStats() says, as samples, and what samples say together.

// UDP and IP headers, and SRTP's tag (RFC 3711, RFC 7714): from what getStats() counts,
// which is RTP alone, to what the line carries, layer 3.
const tagBytes = cipher => /GCM/.test(cipher ?? '') ? 16 : 10;
const headerBytes = address => (address ?? '').includes(':') ? 48 : 28;

// One sample of a connection, or null while nothing has arrived.  Counts are since the
// call began; times in seconds, jitter as RFC 3550 A.8 has it at this moment.
export async function sample(connection) {
  const report = await connection.getStats();
  let inbound, outbound, pair, transport;
  for (const each of report.values()) {
    if (each.type === 'inbound-rtp' && each.kind === 'audio') inbound = each;
    if (each.type === 'outbound-rtp' && each.kind === 'audio') outbound = each;
    if (each.type === 'transport') transport = each;
  }
  pair = report.get(transport?.selectedCandidatePairId);
  if (!inbound || !outbound)
    return null;
  const remote = report.get(pair?.remoteCandidateId);
  const each = headerBytes(remote?.address) + tagBytes(transport?.srtpCipher);
  return {
    time: inbound.timestamp / 1000,
    ssrc: inbound.ssrc,
    jitter: inbound.jitter,
    packets: inbound.packetsReceived,
    lost: inbound.packetsLost,
    bytes: inbound.bytesReceived + inbound.headerBytesReceived + inbound.packetsReceived * each,
    sent: outbound.packetsSent,
    sentBytes: outbound.bytesSent + outbound.headerBytesSent + outbound.packetsSent * each,
    bufferDelay: inbound.jitterBufferDelay,
    buffered: inbound.jitterBufferEmittedCount,
    concealed: inbound.concealedSamples,
    played: inbound.totalSamplesReceived,
    level: inbound.audioLevel,
    roundTrip: pair?.currentRoundTripTime,
    codec: report.get(inbound.codecId)?.mimeType,
    cipher: transport?.srtpCipher,
    address: remote?.address,
  };
}

const bitrate = (a, b) => (b.bytes - a.bytes) * 8 / (b.time - a.time);

// Of two samples: what a chart shows of the time between them.
export const point = (a, b) => ({ time: b.time, jitter: b.jitter * 1000, bitrate: bitrate(a, b) / 1000 });

// Of all of a call: {jitter (ms), jitterHighest, bitrate (kbit/s), lost, lossPercent, seconds}.
export function averages(samples) {
  const first = samples[0], last = samples.at(-1);
  if (!first || first === last)
    return null;
  const jitters = samples.map(each => each.jitter * 1000);
  const received = last.packets - first.packets, lost = last.lost - first.lost;
  return {
    seconds: last.time - first.time,
    jitter: jitters.reduce((a, b) => a + b, 0) / jitters.length,
    jitterHighest: Math.max(...jitters),
    bitrate: bitrate(first, last) / 1000,
    lost,
    lossPercent: received + lost > 0 ? 100 * lost / (received + lost) : 0,
  };
}
