// SPDX-License-Identifier: GPL-2.0-or-later
// One end of a call: microphone, connection, and what the two ends say to each other.

// Browsers mark packets only when asked to: with ?mark they send EF (RFC 8837).
const options = new URLSearchParams(location.search);
const family = options.get('ip'); // 4 or 6: candidates of that family alone

const wanted = candidate => !family || (candidate.address ?? '').includes(':') === (family === '6');

// Events: "state" (detail: "alone", "idle", "waiting", "calling", "connected", "ended",
// "refused"; problem: in words), "sound" (detail: the other end's MediaStream).
export class Call extends EventTarget {
  constructor(peer) {
    super();
    this.peer = peer;
    this.problem = '';
    this.presence = 0;
    this.connect();
  }

  connect() {
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this.socket = new WebSocket(`${scheme}//${location.host}/?peer=${this.peer}`);
    this.socket.onmessage = event => this.receive(JSON.parse(event.data)).catch(e => this.fail(e));
    this.socket.onclose = event => this.fail(event.code === 4000 ?
      `Somebody else is peer ${this.peer}. The other one is at ${this.peer === '0' ? '/#1' : '/'}.` :
      'The server is gone. Start it again and reload this page.');
    this.setState('alone');
  }

  setState(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent('state', { detail: state }));
  }

  fail(problem) {
    this.problem = String(problem.message ?? problem);
    this.close();
    this.setState('refused');
  }

  send(message) {
    if (this.socket.readyState === WebSocket.OPEN)
      this.socket.send(JSON.stringify(message));
  }

  // Takes the microphone, and calls as soon as the other end has taken its own.
  async start(mark = options.has('mark')) {
    this.problem = '';
    this.mark = mark;
    this.early = [];
    this.setState('waiting');
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      this.fail(`No microphone: ${error.message}`);
      return;
    }
    this.connection = new RTCPeerConnection();
    for (const track of this.stream.getTracks())
      this.connection.addTrack(track, this.stream);
    this.connection.onicecandidate = ({ candidate }) => {
      if (candidate && wanted(candidate))
        this.send({ candidate });
    };
    this.connection.ontrack = ({ streams }) =>
      this.dispatchEvent(new CustomEvent('sound', { detail: streams[0] }));
    this.connection.onconnectionstatechange = () => {
      if (this.connection?.connectionState === 'connected')
        this.setState('connected');
      else if (this.connection?.connectionState === 'failed')
        this.fail('The two machines do not reach each other by UDP.');
    };
    this.send({ ready: true });
    if (this.otherReady)
      await this.offer();
  }

  // The first peer offers; else both would at once.
  async offer() {
    this.setState('calling');
    if (this.peer !== '0')
      return;
    await this.describe();
  }

  async describe() {
    await this.connection.setLocalDescription();
    this.send({ description: this.withoutOthers(this.connection.localDescription) });
    await this.markPackets();
  }

  // A description may hold candidates, too.
  withoutOthers({ type, sdp }) {
    return { type, sdp: sdp.split('\r\n').filter(line => !line.startsWith('a=candidate:') ||
      wanted({ address: line.split(' ')[4] })).join('\r\n') };
  }

  async markPackets() {
    if (!this.mark)
      return;
    for (const sender of this.connection.getSenders()) {
      const parameters = sender.getParameters();
      for (const encoding of parameters.encodings)
        encoding.networkPriority = 'high';
      await sender.setParameters(parameters);
    }
  }

  async receive(message) {
    if ('peers' in message) {
      const left = message.peers < this.presence;
      this.presence = message.peers;
      if (left)
        this.otherReady = false;
      if (left && this.connection)
        this.end(false);
      else if (!this.connection && this.state !== 'refused')
        this.setState(message.peers > 1 ? 'idle' : 'alone');
    } else if (message.ready) {
      this.otherReady = true;
      if (this.connection)
        await this.offer();
    } else if (message.end) {
      this.otherReady = false;
      if (this.connection)
        this.end(false);
    } else if (message.description && this.connection) {
      await this.connection.setRemoteDescription(message.description);
      for (const candidate of this.early.splice(0))
        await this.connection.addIceCandidate(candidate);
      if (message.description.type === 'offer')
        await this.describe();
    } else if (message.candidate && this.connection) {
      if (this.connection.remoteDescription)
        await this.connection.addIceCandidate(message.candidate);
      else
        this.early.push(message.candidate);
    }
  }

  // Whether the microphone is heard from now on.
  mute(muted) {
    for (const track of this.stream?.getTracks() ?? [])
      track.enabled = !muted;
  }

  close() {
    for (const track of this.stream?.getTracks() ?? [])
      track.stop();
    this.connection?.close();
    this.connection = this.stream = null;
  }

  end(tell = true) {
    if (tell)
      this.send({ end: true });
    this.otherReady = false;
    this.close();
    this.setState('ended');
  }
}
