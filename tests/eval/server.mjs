// SPDX-License-Identifier: GPL-2.0-or-later
// Serves the page, and carries what its two peers say to each other.
//
//   npm start              http://localhost:3000, second peer http://localhost:3000/#1
//   HOST=:: PORT=8080 npm start
//
// A message goes, as it is, to the other peer of the two; a third one is turned away.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { WebSocketServer } from 'ws';

const TYPES = { html: 'text/html', js: 'text/javascript', css: 'text/css' };
// the files there are: nothing else can be asked for
const FILES = ['index.html', 'style.css', 'main.js', 'call.js', 'figures.js', 'chart.js'];
const MESSAGE_BYTES = 256 * 1024; // of an offer, many times over
const host = process.env.HOST ?? 'localhost', port = Number(process.env.PORT ?? 3000);

const http = createServer(async (request, response) => {
  const name = request.url.split('?')[0].slice(1) || 'index.html';
  if (!FILES.includes(name)) {
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is no such page.\n');
    return;
  }
  const body = await readFile(new URL(`page/${name}`, import.meta.url));
  response.writeHead(200, {
    'Content-Type': `${TYPES[name.split('.').pop()]}; charset=utf-8`, 'Cache-Control': 'no-cache',
    'Content-Security-Policy': "default-src 'self'; connect-src 'self' ws: wss:" }).end(body);
});

const peers = new Map(); // "0" and "1" → WebSocket

function tellPresence() {
  for (const peer of peers.values())
    peer.send(JSON.stringify({ peers: peers.size }));
}

new WebSocketServer({ server: http, maxPayload: MESSAGE_BYTES }).on('connection', (socket, request) => {
  const self = new URL(request.url, 'http://peer').searchParams.get('peer') === '1' ? '1' : '0';
  if (peers.has(self)) {
    socket.close(4000, `peer ${self} is there already`);
    return;
  }
  peers.set(self, socket);
  socket.on('message', data => peers.get(self === '0' ? '1' : '0')?.send(String(data)));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    peers.delete(self);
    tellPresence();
  });
  tellPresence();
});

http.on('error', error => {
  console.error(error.code === 'EADDRINUSE' ?
    `Port ${port} is taken; choose another: PORT=3001 npm start` : String(error));
  process.exit(1);
});
http.listen(port, host, () => {
  const at = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  console.log(`First peer: ${at}/\nSecond peer: ${at}/#1`);
});
