# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of real programs.  Each function makes one while the first host's link is recorded."""

import json
import math
import os
import shutil
import struct
import subprocess
import time
import wave

from net import A, B, HERE

VOICE, VIDEO = "voice", "video"
PCMU, PCMA, G722 = [VOICE, "PCMU", 8000], [VOICE, "PCMA", 8000], [VOICE, "G722", 8000]
OPUS, VP8, H264 = [VOICE, "opus", 48000], [VIDEO, "VP8", 90000], [VIDEO, "H264", 90000]
EVENT = [VOICE, "telephone-event", 8000]
MODULES = "/usr/lib/baresip/modules"
SIPP_MEDIA = "/usr/share/sip-tester"


def sound(path, rate, seconds=12):
    """Syllables, with pauses between the words: tones of 150 to 400 Hz under an envelope."""
    samples = bytearray()
    for i in range(rate * seconds):
        t = i / rate
        level = max(0, math.sin(2 * math.pi * 3 * t)) * (t % 2.5 < 1.8)
        pitch = 150 + 250 * ((t * 1.7) % 1)
        samples += struct.pack("<h", int(12000 * level * math.sin(2 * math.pi * pitch * t)))
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(bytes(samples))


def baresip(net, codec, seconds=8, account="", modules=(), config="", video=None):
    """Two agents; one calls, the other answers, both send the same sound.
    codec: name/rate/channels, as baresip lists it."""
    rate = int(codec.split("/")[1])
    sound(net.path("sound.wav"), rate, seconds + 4)
    wanted = ["stdio.so", "account.so", "menu.so", "aufile.so", "aubridge.so", "g711.so", "g722.so",
              "opus.so", "uuid.so", "stun.so", "turn.so", "ice.so", *modules]
    for host, address in (("a", A), ("b", B)):
        net.path(f"{host}/config", "\n".join([
            f"module_path {MODULES}", f"sip_listen {address}:5060",
            f"audio_source aufile,{net.path('sound.wav')}", "audio_player aubridge,void",
            "audio_channels 1-1", "opus_stereo no", "opus_sprop_stereo no",
            "rtp_ports 10000-10100", "call_local_timeout 60", "net_interface eth0",
            "video_source fakevideo,", "video_display fakevideo,", "video_size 320x240",
            "video_bitrate 300000", "video_fps 15", config,
            *(f"module {name}" for name in wanted if not name.startswith(("account", "menu"))),
            "module_app account.so", "module_app menu.so", ""]))
        net.path(f"{host}/accounts", f"<sip:{host}@{address}>;regint=0;answermode=auto"
                 f";audio_codecs={codec}" + (f";video_codecs={video}" if video else "")
                 + account + "\n")
        net.path(f"{host}/contacts", "")
    net.spawn("b", "baresip", "-f", net.path("b"), wait=2)
    net.spawn("a", "baresip", "-f", net.path("a"), "-e", f"/dial sip:b@{B}", wait=seconds + 2)


def baresip_turn(net, seconds=8):
    """Both agents reach each other by a TURN server at b."""
    net.spawn("b", "turnserver", "-n", "-L", B, "-u", "p2s:p2s", "-r", "p2s", "-a", "--no-tls",
              "--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile", net.path("turn.pid"),
              "--userdb", net.path("turn.db"), "--allow-loopback-peers", wait=2)
    baresip(net, "opus/48000/1", seconds,
            f";medianat=turn;stunserver=turn:{B}:3478;stunuser=p2s;stunpass=p2s")


SDP = """v=0
o=user1 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
"""
ANSWER = """<send><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{body}]]></send>
"""
TAG = ";tag=[pid]"
EARLY_SERVER = "".join((
    '<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="early media">\n',
    '<recv request="INVITE"/>\n', ANSWER.format(status="183 Session Progress", tag=TAG, body=SDP),
    f'<nop><action><exec play_pcap_audio="{SIPP_MEDIA}/g711a.pcap"/></action></nop>\n',
    '<pause milliseconds="5000"/>\n', ANSWER.format(status="200 OK", tag=TAG, body=SDP),
    '<recv request="ACK"/>\n<recv request="BYE"/>\n',
    ANSWER.format(status="200 OK", tag="", body=""), "</scenario>\n"))


def sipp_play(net):
    """SIPp's own scenario: sound of a capture, then a key as telephone events."""
    os.symlink(SIPP_MEDIA, net.path("pcap"))
    net.spawn("b", "sipp", "-sn", "uas", "-i", B, "-mi", B, "-rtp_echo", "-nostdin", wait=1)
    net.run("a", "sipp", "-sn", "uac_pcap", "-i", A, "-mi", A, "-m", "1", "-nostdin", f"{B}:5060",
            timeout=30)


def sipp_early(net):
    """The callee sends sound before it answers."""
    os.symlink(SIPP_MEDIA, net.path("pcap"))
    net.path("early.xml", EARLY_SERVER)
    net.spawn("b", "sipp", "-sf", net.path("early.xml"), "-i", B, "-mi", B, "-nostdin", wait=1)
    net.run("a", "sipp", "-sn", "uac", "-d", "1000", "-i", A, "-mi", A, "-m", "1", "-nostdin",
            f"{B}:5060", timeout=30)


def gstreamer(net, *pipelines, seconds=8):
    """Pipelines from a to b; a port of their own each, from 20000."""
    for number, pipeline in enumerate(pipelines):
        net.spawn("a", "gst-launch-1.0", "-q", *pipeline.split(), "!", "udpsink", f"host={B}",
                  f"port={20000 + 2 * number}", f"bind-port={30000 + 2 * number}")
    time.sleep(seconds + 1)


LIVE = "audiotestsrc is-live=true wave=ticks "
PICTURES = "videotestsrc is-live=true pattern=snow ! video/x-raw,width=320,height=240,framerate=25/1 ! "


def tunnelled(net):
    """Sound and pictures through a tunnel that is there."""
    net.pending()
    for number, pipeline in enumerate((
            LIVE + "! opusenc ! rtpopuspay pt=111",
            PICTURES + "vp8enc deadline=1 target-bitrate=300000 ! rtpvp8pay pt=96")):
        net.spawn("a", "gst-launch-1.0", "-q", *pipeline.split(), "!", "udpsink", "host=10.78.0.2",
                  f"port={20000 + 2 * number}")
    time.sleep(9)


def webrtc(net, kind, seconds=10, relay=False):
    """Chromium to Chromium; the script carries their offers and candidates to and fro.
    Returns {payload type: [class, name, clock]}."""
    if relay:
        net.spawn("b", "turnserver", "-n", "-L", B, "-u", "p2s:p2s", "-r", "p2s", "-a", "--no-tls",
                  "--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile",
                  net.path("turn.pid"), "--userdb", net.path("turn.db"), wait=2)
    for host in "ab":
        path = net.path(f"chromium-{host}", "#!/bin/sh\nexec " + " ".join(
            net.command(host, shutil.which("chromium") or "chromium")) + ' "$@"\n')
        os.chmod(path, 0o755)
    done = subprocess.run(
        ["node", os.path.join(HERE, "webrtc.mjs"), net.path("chromium-a"), net.path("chromium-b"),
         kind, str(seconds), f"turn:{B}:3478" if relay else ""],
        check=True, capture_output=True, text=True, timeout=seconds + 90)
    return json.loads(done.stdout)
