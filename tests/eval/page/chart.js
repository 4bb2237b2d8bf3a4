// SPDX-License-Identifier: GPL-2.0-or-later
// One line over the last minute, as SVG.

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 640, HEIGHT = 150, LEFT = 44, BOTTOM = 20, TOP = 8, SPAN_S = 60;

function element(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

// The next of 1, 2, 5, 10, 20 … that is not below.
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map(n => n * power).find(n => n >= value * 0.999);
}

export class Chart {
  // least: what the axis shows at least, in its unit
  constructor(parent, title, unit, least) {
    Object.assign(this, { title, unit, least, points: [] });
    this.svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' }, parent);
    this.grid = element('g', { class: 'grid' }, this.svg);
    this.line = element('polyline', { class: 'line' }, this.svg);
    this.draw();
  }

  clear() {
    this.points = [];
    this.draw();
  }

  add(time, value) {
    this.points.push([time, value]);
    while (this.points[0][0] < time - SPAN_S)
      this.points.shift();
    this.draw();
  }

  draw() {
    const highest = niceAbove(Math.max(this.least, ...this.points.map(p => p[1])));
    const now = this.points.at(-1)?.[0] ?? 0;
    const x = time => LEFT + (WIDTH - LEFT) * (1 - (now - time) / SPAN_S);
    const y = value => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / highest);
    this.line.setAttribute('points', this.points.map(([t, v]) => `${x(t).toFixed(1)},${y(v).toFixed(1)}`).join(' '));
    this.svg.setAttribute('aria-label', this.points.length ?
      `${this.title}: now ${this.points.at(-1)[1].toFixed(1)} ${this.unit}` : `${this.title}: no figures yet`);
    if (this.highest === highest)
      return;
    this.highest = highest;
    this.grid.replaceChildren();
    for (const part of [0, 0.5, 1]) {
      const at = y(part * highest);
      element('line', { x1: LEFT, x2: WIDTH, y1: at, y2: at }, this.grid);
      element('text', { x: LEFT - 6, y: at + 4, 'text-anchor': 'end' }, this.grid).textContent = part * highest;
    }
    for (const ago of [60, 40, 20])
      element('text', { x: x(now - ago), y: HEIGHT - 4, 'text-anchor': ago === 60 ? 'start' : 'middle' }, this.grid)
        .textContent = `${ago} s ago`;
  }
}
