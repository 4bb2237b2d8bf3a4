// SPDX-License-Identifier: GPL-2.0-or-later
/* exported CallsToggle */
// The toggle: shows the user's intent at once, waits for the service's answer, and then
// shows what the service says is so.

const {Clutter, Gio, GObject, Shell, St} = imports.gi;

const Main = imports.ui.main;
const PopupMenu = imports.ui.popupMenu;
const {QuickMenuToggle} = imports.ui.quickSettings;
const Me = imports.misc.extensionUtils.getCurrentExtension();

const {MODES, isOn, modeTitle, quality} = Me.imports.words;
const {gettext: _} = imports.gettext.domain('p2s');

const PANEL = 'org.p2s.Panel.desktop';
const ICON = 'org.p2s.Panel-symbolic';
// polkit's no (gui/error.c).
const REFUSALS = ['AccessDenied', 'AuthFailed', 'InteractiveAuthorizationRequired']
    .map(name => `org.freedesktop.DBus.Error.${name}`);

var CallsToggle = GObject.registerClass(
class P2sCallsToggle extends QuickMenuToggle {
    _init(service, quickSettingsMenu) {
        // Translators: a page, and a toggle in the Quick Settings: keep it short
        const title = _('Calls');

        super._init({
            gicon: Gio.Icon.new_for_string(Me.dir.get_child(`${ICON}.svg`).get_path()),
        });
        this._service = service;
        // The subtitle is the shell's own from 44 on.
        if ('subtitle' in this)
            this.title = title;
        else
            this._addSubtitle(title);

        // What to go back to.
        this._modeWhenOff = 'off';
        this._modeWhenOn = 'shape';
        this._buildMenu();

        this.connect('clicked', () =>
            this._choose(this.checked ? this._modeWhenOff : this._modeWhenOn));
        service.connect('changed', () => this._sync());
        const openId = quickSettingsMenu.connect('open-state-changed',
            (menu, open) => service.watch(open));
        this.connect('destroy', () => quickSettingsMenu.disconnect(openId));
        this._sync();
    }

    _addSubtitle(title) {
        const box = new St.BoxLayout({vertical: true, x_expand: true, y_align: Clutter.ActorAlign.CENTER});

        this.label = title;
        this._subtitle = new St.Label({style: 'font-weight: normal; font-size: 0.85em;'});
        this._box.replace_child(this._label, box);
        box.add_child(this._label);
        box.add_child(this._subtitle);
    }

    _buildMenu() {
        this._items = new Map();
        for (const {name, choice} of MODES) {
            const item = new PopupMenu.PopupMenuItem(choice());

            item.connect('activate', () => this._choose(name));
            this._items.set(name, item);
            this.menu.addMenuItem(item);
        }
        this.menu.addMenuItem(new PopupMenu.PopupSeparatorMenuItem());
        // Translators: opens the window of P2S
        this._open = this.menu.addAction(_('Open P2S'), () => {
            const app = Shell.AppSystem.get_default().lookup_app(PANEL);

            Main.overview.hide();
            Main.panel.closeQuickSettings();
            app?.activate();
        });
    }

    _choose(mode) {
        if (this._service.pending || mode === this._service.mode)
            return;
        this.checked = isOn(mode);
        this._service.setMode(mode, error => {
            if (error)
                this._tell(error);
        });
    }

    // Why it went back.
    _tell(error) {
        if (REFUSALS.includes(Gio.DBusError.get_remote_error(error))) {
            Main.notifyError(_('You May Not Change This'),
                _('An administrator, or somebody who sits at this computer, can.'));
            return;
        }
        Gio.DBusError.strip_remote_error(error);
        Main.notifyError(_('That did not work'), error.message);
    }

    _sync() {
        const {running, mode, pending, calls} = this._service;

        this.visible = running && mode !== null;
        if (!this.visible)
            return;
        this.reactive = !pending;
        for (const [name, item] of this._items) {
            item.setSensitive(!pending);
            item.setOrnament(name === mode ? PopupMenu.Ornament.DOT : PopupMenu.Ornament.NONE);
        }
        this._open.visible = Shell.AppSystem.get_default().lookup_app(PANEL) !== null;
        if (pending)
            return;

        if (isOn(mode))
            this._modeWhenOn = mode;
        else
            this._modeWhenOff = mode === 'off' ? 'off' : 'monitor';
        this.checked = isOn(mode);

        const word = quality(calls);
        this.menu.setHeader(this.gicon, _('Prioritise Calls'),
            [modeTitle(mode), word].filter(Boolean).join(' · '));
        if (this._subtitle)
            this._subtitle.text = word ?? modeTitle(mode);
        else
            this.subtitle = word ?? modeTitle(mode);
    }
});
