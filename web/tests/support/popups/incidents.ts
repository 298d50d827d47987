import { ASSIGN, TAG } from './alerts';
import { click, field, inside, key, type Place, type Popup } from './steps';

const MINE = encodeURIComponent('title:"Every dialog"');
const act = (file: string, called: Popup['called'], ...how: Popup['how']): Popup => ({
  of: `features/incidents/${file}.tsx`,
  called,
  how,
});
const list = (popup: Popup): Popup => ({ ...popup, role: 'listbox' });
const menu = (popup: Popup): Popup => ({ ...popup, role: 'menu' });

const table: Place = {
  name: 'incidents',
  path: () => `/incidents?query=${MINE}`,
  popups: [
    act('NewIncident', 'New incident', click(/^New incident/)),
    list(act('NewIncident', /./, click(/^New incident/), field('Owner'))),
    { of: ASSIGN, called: 'Assign', how: [key('j'), key('a')] },
    list({ of: ASSIGN, called: /./, how: [key('a'), field('To')] }),
    act('SeverityDialog', 'Set severity', key('v')),
    { of: TAG, called: 'Tag', how: [key('t')] },
    act('MoveDialog', 'Move', key('s')),
    act('CloseDialog', /^Close #/, key('c')),
    { ...act('MergeDialog', 'Merge 2 incidents', key('x'), key('j'), key('x'), click('Merge')), anew: true },
    {
      ...act('ManyDialog', /^Set severity/, key('x'), key('j'), key('x'), key('v'), inside('Set severity')),
      anew: true,
    },
  ],
};

const board: Place = {
  name: 'the board',
  path: () => `/incidents?layout=board&query=${MINE}`,
  popups: [menu(act('BoardCard', /./, click(/^Actions of #/)))],
};

const narrow: Place = {
  name: 'narrow incidents',
  path: () => `/incidents?query=${MINE}`,
  width: 800,
  popups: [act('IncidentsPage', 'Filters', click('Show filters'))],
};

export const INCIDENTS: readonly Place[] = [table, board, narrow];
