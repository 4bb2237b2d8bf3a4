// SPDX-License-Identifier: GPL-2.0-or-later
/* exported CallsToggle */
// The toggle: shows the user's intent at once, waits for the service's answer, and then
// shows what the service says is so.

const {Clutter, Gio, GObject, Shell, St} = imports.gi;

const Main = imports.ui.main;
const PopupMenu = imports.ui.popupMenu;
const {QuickMenuToggle} = imports.ui.quickSettings;
const Me = imports.misc.extensionUtils.getCurrentExtension();

const {MODES, isOn, summary} = Me.imports.words;
const {gettext: _} = imports.gettext.domain('p2s');

const PANEL = 'org.p2s.Panel.desktop';
const ICON = 'org.p2s.Panel-symbolic';

var CallsToggle = GObject.registerClass(
class P2sCallsToggle extends QuickMenuToggle {
    _init(service, quickSettingsMenu) {
        const title = _('Prioritise Calls');

        super._init({
            gicon: Gio.Icon.new_for_string(Me.dir.get_child(`${ICON}.svg`).get_path()),
        });
        this._service = service;
        this._title = title;
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
        this._quickSettingsMenu = quickSettingsMenu;
        this._openId = quickSettingsMenu.connect('open-state-changed',
            (menu, open) => service.watch(open && this.visible));
        this.connect('destroy', () => quickSettingsMenu.disconnect(this._openId));
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
        for (const [mode, label] of MODES) {
            const item = new PopupMenu.PopupMenuItem(label());

            item.connect('activate', () => this._choose(mode));
            this._items.set(mode, item);
            this.menu.addMenuItem(item);
        }
        this.menu.addMenuItem(new PopupMenu.PopupSeparatorMenuItem());
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
            if (!error)
                return;
            Gio.DBusError.strip_remote_error(error);
            Main.notifyError(_('Could not change how calls are prioritised'), error.message);
        });
    }

    _sync() {
        const {running, mode, pending, calls} = this._service;

        this.visible = running && mode !== null;
        if (!this.visible)
            return;
        this.reactive = !pending;
        this.can_focus = !pending;
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

        const words = summary(mode, calls);
        this.menu.setHeader(this.gicon, this._title, words);
        if (this._subtitle) {
            this._subtitle.text = words;
            this._subtitle.visible = words !== '';
        } else {
            this.subtitle = words || null;
        }
    }
});
