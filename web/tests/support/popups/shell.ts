import { click, field, inside, key, type Place, type Popup } from './steps';

const act = (of: string, called: Popup['called'], ...how: Popup['how']): Popup => ({
  of: `features/${of}.tsx`,
  called,
  how,
});

/** What stands around every page, and the gallery. */
export const SHELL: readonly Place[] = [
  {
    name: 'around every page',
    path: () => '/status',
    popups: [
      act('shell/Palette', 'Search or jump to', key('Control+k')),
      act('shell/Palette', 'Search or jump to', click(/^Search/)),
      act('shell/Help', 'Keyboard shortcuts', key('?')),
      act('shell/Me', 'Ada Admin', click(/^Ada Admin/)),
      act('shell/Help', 'Keyboard shortcuts', click(/^Ada Admin/), inside('Keyboard shortcuts')),
    ],
  },
  {
    name: 'on a phone',
    path: () => '/status',
    width: 390,
    popups: [act('shell/PhoneBar', 'Everything else', click('More'))],
  },
  {
    name: 'the gallery',
    path: () => '/design',
    popups: [
      { ...act('design/Actions', /./, click('Actions')), role: 'menu' },
      act('design/Actions', 'Looks', click('Looks')),
      act('design/Feedback', 'Close alert', click('Small')),
      act('design/Feedback', 'Close alert', click('Large')),
      act('design/Feedback', 'Close alert', click('At the side')),
      act('design/Feedback', 'Delete 3 views', click('Confirm')),
      { ...act('design/Fields', /./, field('Assignee')), role: 'listbox' },
      { ...act('design/Fields', /./, field('Assignee, nobody yet')), role: 'listbox' },
    ],
  },
];
