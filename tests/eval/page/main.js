// SPDX-License-Identifier: GPL-2.0-or-later
// The page: buttons, charts, averages.
import { Call } from './call.js';
import { Chart } from './chart.js';
import { averages, point, sample } from './figures.js';

const STATES = {
  alone: 'The other peer is not there yet.',
  idle: 'Both peers are there.',
  waiting: 'Waiting for the other peer to start.',
  calling: 'Connecting …',
  connected: 'In a call.',
  ended: 'The call has ended.',
};
const SAMPLE_MS = Number(new URLSearchParams(location.search).get('interval') ?? 500);
const byId = id => document.getElementById(id);
const peer = location.hash === '#1' ? '1' : '0';
const call = new Call(peer);
const charts = { jitter: new Chart(byId('jitter'), 'Jitter', 'ms', 5),
                 bitrate: new Chart(byId('bitrate'), 'Bitrate', 'kbit/s', 50) };
let samples = [], timer = null, muted = false;

byId('peer').textContent = peer === '0' ? 'first peer' : 'second peer';
byId('other').href = peer === '0' ? '/#1' : '/';

async function take() {
  const last = samples.at(-1), next = call.connection && await sample(call.connection);
  if (!next || next.time === last?.time)
    return;
  samples.push(next);
  if (!last || last.ssrc !== next.ssrc)
    return;
  const { time, jitter, bitrate } = point(last, next);
  charts.jitter.add(time, jitter);
  charts.bitrate.add(time, bitrate);
  byId('jitter-now').textContent = `${jitter.toFixed(1)} ms`;
  byId('bitrate-now').textContent = `${bitrate.toFixed(0)} kbit/s`;
  byId('lost-now').textContent = `${next.lost}`;
}

function showAverages() {
  const all = averages(samples);
  byId('averages').hidden = !all;
  if (!all)
    return;
  for (const [id, text] of Object.entries({
    'average-time': `${all.seconds.toFixed(0)} s`,
    'average-jitter': `${all.jitter.toFixed(2)} ms`,
    'highest-jitter': `${all.jitterHighest.toFixed(2)} ms`,
    'average-bitrate': `${all.bitrate.toFixed(1)} kbit/s`,
    'average-lost': `${all.lost} (${all.lossPercent.toFixed(2)} %)`,
  }))
    byId(id).textContent = text;
}

function begin(mark) {
  samples = [];
  muted = false;
  byId('averages').hidden = true;
  for (const chart of Object.values(charts))
    chart.clear();
  return call.start(mark);
}

call.addEventListener('state', ({ detail: state }) => {
  const running = ['waiting', 'calling', 'connected'].includes(state);
  byId('state').textContent = state === 'refused' ? call.problem : STATES[state];
  byId('state').classList.toggle('problem', state === 'refused');
  byId('start').disabled = running;
  byId('mute').disabled = byId('end').disabled = !running;
  byId('mute').setAttribute('aria-pressed', String(muted));
  if (state === 'connected' && !timer)
    timer = setInterval(take, SAMPLE_MS);
  if (!running && timer) {
    clearInterval(timer);
    timer = null;
    showAverages();
  }
  // the button that had the focus is of no use any more
  if (document.activeElement === document.body)
    byId(running ? 'end' : 'start').focus();
});
call.addEventListener('sound', ({ detail: stream }) => { byId('sound').srcObject = stream; });
byId('start').addEventListener('click', () => begin());
byId('end').addEventListener('click', () => call.end());
byId('mute').addEventListener('click', () => {
  muted = !muted;
  call.mute(muted);
  byId('mute').setAttribute('aria-pressed', String(muted));
});
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat)
    return;
  const button = { s: 'start', m: 'mute', e: 'end' }[event.key];
  if (button)
    byId(button).click();
});

// for whoever drives the page by script
window.evaluation = { call, begin, take: from => samples.slice(from) };
