import { choose, click, field, inside, item, key, type Place, type Popup, tap } from './steps';

const MINE = encodeURIComponent('rule.name:"Every dialog*"');
const ofView = 'domain/list/ViewDialog.tsx';

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
    one('AssignDialog', 'Assign', 'a'),
    { of: 'features/alerts/AssignDialog.tsx', role: 'listbox', called: /./, how: [key('a'), field('To')] },
    one('CloseDialog', 'Close', 'c'),
    one('TagDialog', 'Tag', 't'),
    one('StatusDialog', 'Status', 's'),
    one('SnoozeDialog', 'Snooze', 'z'),
    one('IncidentDialog', 'Link to an incident', 'i'),
    {
      of: 'features/alerts/IncidentDialog.tsx',
      role: 'listbox',
      called: /./,
      how: [key('i'), inside('Existing one', 'tab'), field('Incident')],
    },
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
      how: [key('x'), key('j'), key('x'), key('c'), inside('Close')],
      anew: true,
    },
    {
      of: ofView,
      called: 'Rename view',
      how: [tap(/^Every dialog/), click('This view'), item('Rename…')],
      anew: true,
    },
    { of: ofView, called: 'Delete view', how: [click('This view'), item('Delete…')] },
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
    act('AssignDialog', 'Assign', click(/^Assign…/)),
    act('CloseDialog', 'Close', click(/^Close…/)),
    act('TagDialog', 'Tag', click('More actions'), item('Edit tags…')),
    act('page/SnoozeDialog', 'Snooze alert', click(/^Snooze/)),
    act('page/SeverityDialog', 'Set severity', click('More actions'), item('Set severity…')),
    act('page/IncidentDialog', 'Link to an incident', click(/^Incident…/)),
    act('page/SuppressDialog', 'Suppress what folds into this alert', click('More actions'), item('Suppress…')),
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
  popups: [act('page/UnlinkDialog', /^Unlink from #/, click(/^Unlink…/))],
};

const narrow: Place = {
  name: 'a narrow queue',
  path: () => `/alerts?query=${MINE}`,
  width: 800,
  popups: [act('QueueFacets', 'Filter', click('Filter'))],
};

export const ALERTS: readonly Place[] = [queue, alert, linked, narrow];
