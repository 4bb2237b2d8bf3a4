// SPDX-License-Identifier: GPL-2.0-or-later
// A call of two browsers: webrtc.mjs CHROMIUM-A CHROMIUM-B audio|noise|video|data SECONDS [TURN-URL]
// Prints the payload types that they agreed on: {type: [class, name, clock]}.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const [programA, programB, kind, seconds, turn] = process.argv.slice(2);
const ORIGIN = 'https://call.test/';

async function open(executablePath) {
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--use-fake-device-for-media-stream',
           '--use-fake-ui-for-media-stream', '--disable-features=WebRtcHideLocalIpsWithMdns',
           '--disable-gpu', '--no-first-run'],
  });
  const page = await (await browser.newContext()).newPage();
  await page.route('**/*', route => route.fulfill({ contentType: 'text/html', body: '<p>call' }));
  await page.goto(ORIGIN);
  return { browser, page };
}

const [a, b] = [await open(programA), await open(programB)];
for (const [from, to] of [[a, b], [b, a]])
  await from.page.exposeFunction('candidate', each =>
    to.page.evaluate(c => window.ready.then(() => window.pc.addIceCandidate(c)), each));
for (const { page } of [a, b])
  await page.evaluate(async ([kind, turn]) => {
    window.pc = new RTCPeerConnection(turn ? {
      iceServers: [{ urls: turn, username: 'p2s', credential: 'p2s' }],
      iceTransportPolicy: 'relay',
    } : {});
    window.ready = new Promise(done => { window.described = done; });
    pc.onicecandidate = e => { if (e.candidate) window.candidate(e.candidate.toJSON()); };
    if (kind === 'data') {
      pc.ondatachannel = e => { window.channel = e.channel; };
      return;
    }
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: true, video: kind === 'video' && { width: 320, height: 240, frameRate: 20 } });
    for (const track of stream.getTracks())
      pc.addTrack(track, stream);
    // G.711 with comfort noise in its pauses (RFC 3389): what telephones do
    if (kind === 'noise')
      for (const transceiver of pc.getTransceivers())
        transceiver.setCodecPreferences(RTCRtpReceiver.getCapabilities('audio').codecs.filter(
          c => ['audio/PCMU', 'audio/CN'].includes(c.mimeType)));
  }, [kind, turn]);
const offer = await a.page.evaluate(async kind => {
  if (kind === 'data') {
    window.channel = pc.createDataChannel('d');
    channel.onopen = () => setInterval(() => channel.send(new Uint8Array(900)), 10);
  }
  await pc.setLocalDescription();
  return pc.localDescription.toJSON();
}, kind);
const answer = await b.page.evaluate(async offer => {
  await pc.setRemoteDescription(offer);
  window.described();
  await pc.setLocalDescription();
  for (const sender of pc.getSenders().filter(s => s.track?.kind === 'video')) {
    const parameters = sender.getParameters();
    parameters.encodings[0].maxBitrate = 250000;
    await sender.setParameters(parameters);
  }
  return pc.localDescription.toJSON();
}, offer);
await a.page.evaluate(async answer => {
  await pc.setRemoteDescription(answer);
  for (const sender of pc.getSenders().filter(s => s.track?.kind === 'video')) {
    const parameters = sender.getParameters();
    parameters.encodings[0].maxBitrate = 250000;
    await sender.setParameters(parameters);
  }
  window.described();
}, answer);
await a.page.waitForFunction(() => pc.connectionState === 'connected', null, { timeout: 30000 });
await new Promise(done => setTimeout(done, seconds * 1000));

const types = {};
let media = '';
for (const line of answer.sdp.split('\r\n')) {
  media = /^m=(\w+)/.exec(line)?.[1] ?? media;
  const map = /^a=rtpmap:(\d+) ([^/]+)\/(\d+)/.exec(line);
  if (map)
    types[map[1]] = [media === 'video' ? 'video' : 'voice', map[2], Number(map[3])];
}
console.log(JSON.stringify(types));
await Promise.all([a.browser.close(), b.browser.close()]);
