// SPDX-License-Identifier: GPL-2.0-or-later
/* exported MODES, isOn, summary, quality */
// What the panel says, in the same words (gui/mode.c, gui/words.c).

const Gettext = imports.gettext.domain('p2s');
const {gettext: _, pgettext: C_, ngettext} = Gettext;

// The modes as one offers them: the best first.
var MODES = [
    ['shape', () => _('Send and Receive Calls First')],
    ['mark', () => _('Only Mark Calls')],
    ['monitor', () => _('Only Measure Calls')],
    ['off', () => _('Do Nothing')],
];

// Packets of calls go first.
function isOn(mode) {
    return mode === 'mark' || mode === 'shape';
}

// A mean opinion score by the bands of ITU-T G.107 Annex B, table B.1; null for 0.
function quality(mos) {
    if (!(mos > 0))
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

// calls: [{mos}].  Empty where there is nothing to say.
function summary(mode, calls) {
    if (mode === 'off')
        return _('Off');
    if (calls.length === 0)
        return isOn(mode) ? _('Ready') : '';
    // Translators: in the Quick Settings and the tray, under "Prioritise Calls"; keep it short
    const count = ngettext('%d call', '%d calls', calls.length).format(calls.length);
    // The worst of them is what one wants to know of.
    const estimates = calls.map(({mos}) => mos).filter(mos => mos > 0);
    const worst = estimates.length > 0 ? quality(Math.min(...estimates)) : null;
    // Translators: the first is "2 calls", the second "Good"
    return worst ? _('%s · %s').format(count, worst) : count;
}
