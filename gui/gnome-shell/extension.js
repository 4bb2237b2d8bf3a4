// SPDX-License-Identifier: GPL-2.0-or-later
/* exported init */
// Adds the toggle to the Quick Settings, and takes it away again.  All that this shell
// does otherwise than later ones (its imports, where a toggle is put) stands at the top
// of each file and in this one.

const Gettext = imports.gettext;
const {GObject} = imports.gi;

const Main = imports.ui.main;
const {SystemIndicator} = imports.ui.quickSettings;
const Me = imports.misc.extensionUtils.getCurrentExtension();

const {Service} = Me.imports.service;
const {CallsToggle} = Me.imports.toggle;

// Shows nothing in the bar: it holds the toggle, as the shell's own do.
const Indicator = GObject.registerClass(
class P2sIndicator extends SystemIndicator {});

class Extension {
    enable() {
        this._service = new Service(Me.dir.get_child('org.p2s.Manager.xml'));
        this._toggle = new CallsToggle(this._service, Main.panel.statusArea.quickSettings.menu);
        this._indicator = new Indicator();
        this._indicator.quickSettingsItems.push(this._toggle);

        const {quickSettings} = Main.panel.statusArea;
        quickSettings._indicators.add_child(this._indicator);
        quickSettings._addItems(this._indicator.quickSettingsItems);
    }

    disable() {
        // Answers that are under way find nobody.
        this._service.destroy();
        this._service = null;
        this._toggle.destroy();
        this._toggle = null;
        this._indicator.destroy();
        this._indicator = null;
    }
}

function init() {
    Gettext.bindtextdomain(Me.metadata['gettext-domain'], Me.metadata.localedir);
    return new Extension();
}
