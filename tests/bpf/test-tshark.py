#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the programs measure is what Wireshark computes from the same packets.

Streams of GStreamer, as they came and worsened, go through the egress program at the
times of their arrival and through tshark.  Packets and losses must be equal; mean and
highest jitter within 1 % or 10 us."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

import capture

REPLAY = sys.argv[1]
SECONDS = float(os.environ.get("P2S_TSHARK_SECONDS", "8"))
SINK = "! udpsink host=127.0.0.1 port={port}"
AUDIO = "audiotestsrc is-live=true wave=ticks "
VIDEO = "videotestsrc is-live=true pattern=snow "
# name, class, payload type, encoding name and clock of a dynamic one, pipeline
STREAMS = [
    ("PCMU", "voice", 0, None, 8000, AUDIO + "! mulawenc ! rtppcmupay max-ptime=20000000 "),
    ("PCMA", "voice", 8, None, 8000, AUDIO + "! alawenc ! rtppcmapay max-ptime=20000000 "),
    ("opus", "voice", 111, "opus", 48000, AUDIO + "! opusenc ! rtpopuspay pt=111 "),
    ("opus-60", "voice", 111, "opus", 48000,
     AUDIO + "! opusenc frame-size=60 ! rtpopuspay pt=111 "),
    ("speex", "voice", 110, "speex", 16000,
     AUDIO + "! audio/x-raw,rate=16000 ! speexenc ! rtpspeexpay pt=110 "),
    ("L16", "voice", 107, "L16", 24000,
     AUDIO + "! audio/x-raw,rate=24000,channels=1,format=S16BE ! rtpL16pay pt=107 "),
    ("VP8", "video", 96, "VP8", 90000,
     VIDEO + "! video/x-raw,width=320,height=240,framerate=30/1 ! "
     "vp8enc deadline=1 target-bitrate=500000 ! rtpvp8pay pt=96 "),
    ("JPEG", "video", 26, None, 90000,
     VIDEO + "! video/x-raw,format=I420,width=160,height=120,framerate=25/1 ! "
     "jpegenc ! rtpjpegpay "),
]
WORSE = [
    ("as it came", {}),
    ("jitter of 15 ms", {"jitter_ms": 15}),
    ("loss of 5 %", {"loss": 0.05}),
    ("jitter of 60 ms, out of order", {"jitter_ms": 60}),
    ("all of it", {"jitter_ms": 40, "loss": 0.02, "double": 0.01}),
]


def tshark(path):
    """(packets, lost, mean jitter, highest jitter), ms, by SSRC."""
    out = subprocess.run(
        ["tshark", "-n", "-r", path, "--enable-heuristic", "rtp_udp", "-q", "-z", "rtp,streams"],
        check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}).stdout
    found = {}
    for line in out.splitlines():
        match = re.search(r"(0x[0-9A-F]{8})\s+(.+?)\s+(\d+)\s+(-?\d+) \(\S+%\)\s+(.*)", line)
        if match:
            figures = [float(word) for word in re.findall(r"-?\d+\.\d+", match[5])]
            found[match[1]] = (int(match[3]), int(match[4]), figures[4], figures[5])
    return found


def replay(path):
    out = subprocess.run([REPLAY, path], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in out.splitlines():
        ssrc, _, rule, media, clock, packets, lost, mean, highest = line.split()
        found[ssrc] = (rule, media, int(clock), int(packets), int(lost), float(mean),
                       float(highest))
    return found


def near(ours, theirs):
    # tshark prints thousandths of a ms
    return abs(ours - theirs) <= max(0.01 * theirs, 0.010) + 0.0005


def numbers(packets):
    """Sequence numbers without their turns, in the order of arrival."""
    last, extended = None, []
    for packet in packets:
        if packet.payload[0] >> 6 != 2:
            continue
        number = int.from_bytes(packet.payload[2:4], "big")
        last = number if last is None else last + (number - last + 0x8000) % 0x10000 - 0x8000
        extended.append(last)
    return extended


def missing(packets):
    """RFC 3550 A.3: expected less received; doubles and what came before the first count."""
    extended = numbers(packets)
    return max(extended) - extended[0] + 1 - len(extended)


def in_order(packets):
    extended = numbers(packets)
    return extended == sorted(extended)


def compare(stream, label, packets, directory):
    name, media, payload_type, encoding, clock, _ = stream
    path = os.path.join(directory, f"{name}.pcap")
    if encoding:
        packets = [capture.describe(packets[0].when - 10**6, packets[0].dport, media, payload_type,
                                    encoding, clock)] + packets
    capture.write(path, packets)
    theirs, ours = tshark(path), replay(path)
    problems = []
    if not theirs:
        problems.append("tshark finds no stream")
    for ssrc, (count, lost, mean, highest) in theirs.items():
        if ssrc not in ours:
            problems.append(f"{ssrc} was not found")
            continue
        rule, found, hz, packets_, lost_, mean_, highest_ = ours[ssrc]
        print(f"  {label:30} packets {packets_}/{count} lost {lost_}/{lost} clock {hz}/{clock} "
              f"mean {mean_:.3f}/{mean:.3f} ms highest {highest_:.3f}/{highest:.3f} ms {found}")
        if (rule, found, hz) != ("rtp", media, clock):
            problems.append(f"{rule} {found} {hz} Hz rather than rtp {media} {clock} Hz")
        if (packets_, lost_) != (count, missing(packets)):
            problems.append("packets or losses are wrong")
        # out of order, tshark 4.0 may count turns of the numbers that were none
        if lost_ != lost and in_order(packets):
            problems.append("losses differ")
        if not near(mean_, mean) or not near(highest_, highest):
            problems.append("jitter differs")
    for problem in problems:
        print(f"  {label}: FAILED: {problem}")
    return len(problems)


def main():
    for program in ("tshark", "gst-launch-1.0"):
        if not shutil.which(program):
            print(f"skipped: there is no {program}")
            return 77
    check = subprocess.run([REPLAY, "/dev/null"], capture_output=True, text=True, check=False)
    if check.returncode == 77:
        print(check.stdout.strip())
        return 77

    recorded = {}

    def run(index, stream):
        recorded[stream[0]] = capture.record(stream[5] + SINK, 40000 + 2 * index, SECONDS)

    threads = [threading.Thread(target=run, args=item) for item in enumerate(STREAMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    failed = compared = 0
    with tempfile.TemporaryDirectory() as directory:
        for stream in STREAMS:
            packets, errors = recorded[stream[0]]
            if len(packets) < 50:
                print(f"{stream[0]}: not recorded, passed over: {errors[:200]}")
                continue
            print(f"{stream[0]}: {len(packets)} packets")
            for seed, (label, worse) in enumerate(WORSE):
                compared += 1
                failed += compare(stream, label, capture.worsen(packets, seed, **worse), directory)
    print(f"{compared} captures compared, {failed} problems")
    return 1 if failed or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
