import { choose, click, field, inside, item, key, type Place, type Popup, tap } from './steps';

const MINE = encodeURIComponent('rule.name:"Every dialog*"');
const ofView = 'domain/list/ViewDialog.tsx';
export const ASSIGN = 'domain/dialogs/AssignDialog.tsx';
export const TAG = 'domain/dialogs/TagDialog.tsx';

const one = (file: string, called: Popup['called'], pressed: string): Popup => ({
  of: `features/alerts/${file}.tsx`,
  called,
  how: [key(pressed)],
});

/** The queue. */
const queue: Place = {
  name: 'the queue',
  path: () => '/alerts',
  popups: [
    { of: ASSIGN, called: 'Assign', how: [key('a')] },
    { of: ASSIGN, role: 'listbox', called: /./, how: [key('a'), field('To')] },
    one('dialogs/CloseDialog', 'Close', 'c'),
    { of: TAG, called: 'Tag', how: [key('t')] },
    one('dialogs/StatusDialog', 'Status', 's'),
    one('dialogs/SnoozeDialog', 'Snooze', 'z'),
    one('dialogs/IncidentDialog', 'Link to an incident', 'i'),
    { of: 'domain/list/RangePicker.tsx', called: 'Range of time', how: [click('Any time')] },
    { of: 'domain/grid/ColumnPicker.tsx', called: 'Columns', how: [click('Columns')] },
    { of: 'domain/query/QueryHelp.tsx', called: 'How to ask', how: [click('How to write queries')] },
    { of: 'domain/list/SavedViews.tsx', role: 'menu', called: /./, how: [click('This view')] },
    { of: ofView, called: 'Save view', how: [click('This view'), item('Save as a new view…')] },
    {
      of: 'features/alerts/PreviewMenu.tsx',
      role: 'menu',
      called: /./,
      how: [key('o'), click('More')],
    },
    {
      of: 'domain/job/JobDialog.tsx',
      called: 'Close alerts',
      how: [key('x'), key('j'), key('x'), key('c'), choose('Verdict', 'false_positive'), inside('Close')],
      anew: true,
    },
    {
      of: ofView,
      called: 'Rename view',
      how: [tap(/^Every dialog/), click('This view'), item('Rename…')],
      anew: true,
    },
    {
      of: ofView,
      called: 'Delete view',
      how: [tap(/^Every dialog/), click('This view'), item('Delete…')],
      anew: true,
    },
  ],
};

const act = (file: string, called: Popup['called'], ...how: Popup['how']): Popup => ({
  of: `features/alerts/${file}.tsx`,
  called,
  how,
});

/** One alert's page. */
const alert: Place = {
  name: 'an alert',
  path: ({ alert }) => `/alerts/${alert}`,
  popups: [
    { ...act('page/ActionBar', /./, click('More actions')), role: 'menu' },
    { of: ASSIGN, called: 'Assign', how: [click(/^Assign…/)] },
    act('dialogs/CloseDialog', 'Close', click(/^Close…/)),
    { of: TAG, called: 'Tag', how: [click('More actions'), item('Edit tags…')] },
    act('dialogs/SnoozeDialog', 'Snooze', click(/^Snooze/)),
    act('dialogs/SeverityDialog', 'Set severity', click('More actions'), item('Set severity…')),
    act('dialogs/IncidentDialog', 'Link to an incident', click(/^Incident…/)),
    act('dialogs/SuppressDialog', 'Suppress what folds into this alert', click('More actions'), item('Suppress…')),
    {
      of: 'domain/suppression/Times.tsx',
      role: 'listbox',
      called: /./,
      how: [click('More actions'), item('Suppress…'), choose('Holds', 'windows'), field('Time zone')],
    },
    act('page/NoteItem', 'Versions of this note', click('edited')),
    act('page/NoteItem', 'Take back this note?', click('Take back')),
  ],
};

const linked: Place = {
  name: 'an alert of an incident',
  path: ({ linked }) => `/alerts/${linked}`,
  popups: [act('dialogs/UnlinkDialog', /^Unlink from #/, click(/^Unlink…/))],
};

const narrow: Place = {
  name: 'a narrow queue',
  path: () => `/alerts?query=${MINE}`,
  width: 800,
  popups: [act('QueueFacets', 'Filter', click('Filter'))],
};

export const ALERTS: readonly Place[] = [queue, alert, linked, narrow];
