// SPDX-License-Identifier: GPL-2.0-or-later
/* exported MODES, isOn, modeTitle, quality */
// What the panel says, in the same words (gui/mode.c, gui/words.c).

const {gettext: _, pgettext: C_} = imports.gettext.domain('p2s');

// The modes as one offers them: the best first.
var MODES = [
    {name: 'shape', title: () => _('Prioritising'), choice: () => _('Send and Receive Calls First')},
    {name: 'mark', title: () => _('Marking'), choice: () => _('Only Mark Calls')},
    {name: 'monitor', title: () => _('Measuring'), choice: () => _('Only Measure Calls')},
    {name: 'off', title: () => _('Off'), choice: () => _('Do Nothing')},
];

// Packets of calls go first.
function isOn(mode) {
    return mode === 'mark' || mode === 'shape';
}

// A short name; a mode of a later release has one, too.
function modeTitle(mode) {
    const known = MODES.find(({name}) => name === mode);

    return known ? known.title() : _('Another mode');
}

// The worst of the calls ([{mos}]) in a word, by the bands of ITU-T G.107 Annex B,
// table B.1 (daemon/mos-bands.h); null where there is no estimate.
function quality(calls) {
    const mos = Math.min(...calls.map(call => call.mos).filter(estimate => estimate > 0));

    if (mos === Infinity)
        return null;
    if (mos >= 4.34)
        return C_('call quality', 'Excellent');
    if (mos >= 4.03)
        return C_('call quality', 'Good');
    if (mos >= 3.60)
        return C_('call quality', 'Fair');
    if (mos >= 3.10)
        return C_('call quality', 'Poor');
    return C_('call quality', 'Bad');
}
