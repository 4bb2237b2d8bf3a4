// SPDX-License-Identifier: GPL-2.0-or-later
// Drives the page in two browsers: drive.mjs CHROMIUM-A CHROMIUM-B URL SOUND.wav
//
// A line of JSON in, one out.  {"do": "begin", "mark": false}: a call, connected;
// {"do": "samples", "from": [0, 0]}: those since; {"do": "end"}.  Ends with its input.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [programA, programB, url, sound] = process.argv.slice(2);
const PATIENCE_MS = 60000;

async function open(executablePath, peer) {
  const browser = await chromium.launch({
    executablePath,
    timeout: PATIENCE_MS,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run',
           // a page at an address is no secure context, where there is no microphone
           `--unsafely-treat-insecure-origin-as-secure=${new URL(url).origin}`,
           '--disable-features=WebRtcHideLocalIpsWithMdns',
           '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
           `--use-file-for-fake-audio-capture=${sound}`,
           '--autoplay-policy=no-user-gesture-required',
           '--disable-background-networking', '--disable-component-update'],
  });
  const page = await (await browser.newContext()).newPage();
  page.on('pageerror', error => console.error(`peer ${peer}: ${error}`));
  await page.goto(`${url}#${peer}`, { timeout: PATIENCE_MS });
  await page.waitForFunction(() => window.evaluation, null, { timeout: PATIENCE_MS });
  return { browser, page };
}

const ends = await Promise.all([open(programA, 0), open(programB, 1)]);
const pages = ends.map(end => end.page);
const commands = {
  async begin({ mark }) {
    await Promise.all(pages.map(page => page.evaluate(m => window.evaluation.begin(m), mark)));
    await Promise.all(pages.map(page => page.waitForFunction(() => {
      const { call, take } = window.evaluation;
      if (call.state === 'refused')
        throw new Error(call.problem);
      return call.state === 'connected' && take(0).length > 2;
    }, null, { timeout: PATIENCE_MS })));
    return {};
  },
  async samples({ from }) {
    return Promise.all(pages.map((page, i) => page.evaluate(n => window.evaluation.take(n), from[i])));
  },
  async end() {
    await pages[0].evaluate(() => window.evaluation.call.end());
    await pages[1].waitForFunction(() => window.evaluation.call.state === 'ended', null, { timeout: PATIENCE_MS });
    return {};
  },
};

const say = value => process.stdout.write(JSON.stringify(value) + '\n');
say({ version: ends[0].browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  try {
    say(await commands[command.do](command));
  } catch (error) {
    say({ error: String(error.message ?? error) });
  }
}
await Promise.all(ends.map(end => end.browser.close()));
