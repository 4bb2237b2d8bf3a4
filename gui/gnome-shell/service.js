// SPDX-License-Identifier: GPL-2.0-or-later
/* exported Service */
// p2sd on the system bus.  It is never started from here: who stopped it meant it.

const {Gio, GLib} = imports.gi;
const Signals = imports.misc.signals;

const NAME = 'org.p2s.Manager';
const PATH = '/org/p2s/Manager';
// The user may have to find a password first.
const REQUEST_MS = 5 * 60 * 1000;
// While the menu is open.  Nobody reads faster.
const INTERVAL_USEC = 2000000;

// The contract, as installed: the proxy checks every answer against it.
function loadContract(file) {
    const [, bytes] = file.load_contents(null);
    return Gio.DBusNodeInfo.new_for_xml(new TextDecoder().decode(bytes)).lookup_interface(NAME);
}

// Emits "changed" when anything below has.
//   running  somebody owns the name
//   mode     what is in force: "off", "monitor", "mark", "shape" or a later word
//   pending  a request is under way
//   calls    that run, as of the last reading: [{mos}], mos 0 where there is no estimate
var Service = class extends Signals.EventEmitter {
    constructor(contract) {
        super();
        this.mode = null;
        this.pending = false;
        this.calls = [];
        this._watching = false;
        this._subscribed = false;
        this._cancellable = new Gio.Cancellable();
        this._proxy = new Gio.DBusProxy({
            g_connection: Gio.DBus.system,
            g_interface_info: loadContract(contract),
            g_interface_name: NAME,
            g_name: NAME,
            g_object_path: PATH,
            g_flags: Gio.DBusProxyFlags.DO_NOT_AUTO_START,
        });
        this._ids = [
            this._proxy.connect('g-properties-changed', () => this._sync()),
            this._proxy.connect('notify::g-name-owner', () => this._onOwner()),
            this._proxy.connect('g-signal', (proxy, sender, signal) => this._onSignal(signal)),
        ];
        this._proxy.init_async(GLib.PRIORITY_DEFAULT, this._cancellable, (proxy, result) => {
            try {
                proxy.init_finish(result);
            } catch (error) {
                if (!error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
                    logError(error, 'P2S');
                return;
            }
            this._onOwner();
        });
    }

    get running() {
        return this._proxy.g_name_owner !== null;
    }

    // done(error): error null where the mode is in force now.
    setMode(mode, done) {
        this.pending = true;
        this.emit('changed');
        this._call('SetMode', new GLib.Variant('(s)', [mode]), (reply, error) => {
            // Whoever else changed it meanwhile: what is read now is what is so.
            this._readMode(() => {
                this.pending = false;
                this.emit('changed');
                done(error);
            });
        }, Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION);
    }

    // Whether somebody looks: figures are asked for only then.
    watch(watching) {
        if (this._watching === watching)
            return;
        this._watching = watching;
        this._updateWatch();
    }

    destroy() {
        if (this._subscribed)
            this._call('Unsubscribe', null, () => {});
        this.disconnectAll();
        this._ids.forEach(id => this._proxy.disconnect(id));
        this._ids = [];
        this._cancellable.cancel();
    }

    _call(method, parameters, done, flags = Gio.DBusCallFlags.NONE) {
        this._proxy.call(method, parameters, flags | Gio.DBusCallFlags.NO_AUTO_START, REQUEST_MS,
            method === 'Unsubscribe' ? null : this._cancellable, (proxy, result) => {
                let reply = null, failure = null;
                try {
                    reply = proxy.call_finish(result);
                } catch (error) {
                    if (error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
                        return;
                    failure = error;
                }
                done(reply, failure);
            });
    }

    _readMode(done) {
        this._proxy.g_connection.call(NAME, PATH, 'org.freedesktop.DBus.Properties', 'Get',
            new GLib.Variant('(ss)', [NAME, 'EffectiveMode']), new GLib.VariantType('(v)'),
            Gio.DBusCallFlags.NO_AUTO_START, -1, this._cancellable, (bus, result) => {
                try {
                    const [mode] = bus.call_finish(result).deepUnpack();
                    this._proxy.set_cached_property('EffectiveMode', mode);
                } catch (error) {
                    if (error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
                        return;
                    // It is gone: the owner's going tells the rest.
                }
                this.mode = this._cachedMode();
                done();
            });
    }

    _cachedMode() {
        const mode = this._proxy.get_cached_property('EffectiveMode');
        return mode ? mode.unpack() : null;
    }

    _sync() {
        this.mode = this._cachedMode();
        this.emit('changed');
    }

    _onOwner() {
        this.calls = [];
        this._subscribed = false; // to the present owner
        this._sync();
        this._updateWatch();
    }

    _updateWatch() {
        if (!this.running)
            return;
        if (this._watching) {
            this._call('Subscribe', new GLib.Variant('(t)', [INTERVAL_USEC]), () => {});
            this._readCalls();
        } else if (this._subscribed) {
            this._call('Unsubscribe', null, () => {});
        }
        this._subscribed = this._watching;
    }

    _onSignal(signal) {
        if (this._watching && ['Sample', 'CallAdded', 'CallRemoved'].includes(signal))
            this._readCalls();
    }

    // Where the user may not see the calls, there are none.
    _readCalls() {
        this._call('GetCalls', null, reply => {
            const [rows] = reply ? reply.recursiveUnpack() : [[]];
            this.calls = rows.map(({Flows: flows = []}) => {
                const estimates = flows.map(({Mos: mos = 0}) => mos).filter(mos => mos > 0);
                return {mos: estimates.length > 0 ? Math.min(...estimates) : 0};
            });
            this.emit('changed');
        });
    }
};
