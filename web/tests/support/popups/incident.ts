import type { Page } from '@playwright/test';
import { ask } from '../demo';
import { member } from '../member';
import type { States } from '../states';
import { ASSIGN } from './alerts';
import { click, field, item, type Place, type Popup, type Trail, tap } from './steps';

const act = (file: string, called: Popup['called'], ...how: Popup['how']): Popup => ({
  of: `features/incident/${file}.tsx`,
  called,
  how,
});
const list = (popup: Popup): Popup => ({ ...popup, role: 'listbox' });
const menu = (popup: Popup): Popup => ({ ...popup, role: 'menu' });
const more = (name: string) => [click('More actions'), item(name)];

const tab =
  (name: string) =>
  ({ full }: States) =>
    `/incidents/${full}?tab=${name}`;

const overview: Place = {
  name: 'an incident',
  path: ({ full }) => `/incidents/${full}`,
  popups: [
    menu(act('parts/Actions', /./, click('More actions'))),
    menu(act('parts/StatusMenu', /./, click(/^(Open|Investigating)/))),
    menu(act('parts/Marking', /./, click(/^Severity: /))),
    menu(act('parts/Marking', /./, click(/^TLP: /))),
    menu(act('parts/Marking', /./, click(/^PAP: /))),
    act('parts/Tags', 'Tags', click('Edit tags')),
    { of: ASSIGN, called: /^Assign #/, how: [click(/^Assign…/)] },
    list({ of: ASSIGN, called: /./, how: [click(/^Assign…/), field('To')] }),
    act('dialogs/CloseDialog', /^Close #/, click(/^Close…/)),
    act('dialogs/FieldsDialog', /^Fields of #/, click('Edit', 'button', ['region', 'Fields'])),
    act('dialogs/ReviewDialog', /^Ask for a review of #/, ...more('Ask for a review…')),
    list(act('dialogs/ReviewDialog', /./, ...more('Ask for a review…'), field('Reviewer'))),
    act('dialogs/TimesDialog', /^Times of #/, ...more('Edit times…')),
    act('dialogs/MergeDialog', /^Merge into #/, ...more('Merge another into it…')),
    act('dialogs/UnmergeDialog', /^Take one out of #/, ...more('Take a merged one out…')),
    act('dialogs/SplitDialog', /^Split #/, ...more('Split…')),
    act('dialogs/LinkDialog', /^Link #/, ...more('Link another incident…')),
    act('dialogs/RestrictDialog', /^Restrict #/, ...more('Restrict to members…')),
    act('dialogs/HoldDialog', /^Put #.* on legal hold\?/, ...more('Put on legal hold…')),
    act('dialogs/ReportDialog', /^Report of #/, ...more('Read the report…')),
    act('dialogs/ExportDialog', /^Export #/, ...more('Export…')),
    act('tabs/Versions', 'Versions of the summary', click('Versions')),
    {
      ...act('parts/TextConflict', /^Somebody else changed the summary/),
      how: [
        click('Edit', 'button', ['region', 'Summary']),
        (page) => page.getByRole('textbox', { name: 'Summary' }).fill('Mine.'),
        theirs,
        click('Save'),
      ],
      anew: true,
    },
  ],
};

/** Somebody else is faster. */
async function theirs(_page: Page, _: Trail, { full }: States): Promise<void> {
  const { revision } = await ask<{ revision: number }>('GET', `/incidents/${full}`);
  const other = await member('analyst');
  await other.send('PATCH', `/incidents/${full}`, { summary: `Theirs, of ${new Date().toISOString()}.` }, revision);
}

const parts: readonly Place[] = [
  {
    name: 'an incident’s timeline',
    path: tab('timeline'),
    popups: [act('tabs/TimelineEntry', 'Remove your entry?', click('Remove this entry'))],
  },
  {
    name: 'an incident’s alerts',
    path: tab('alerts'),
    popups: [
      act('dialogs/LinkAlertsDialog', /^Link alerts to #/, click('Link alerts…')),
      act('dialogs/UnlinkDialog', /^Unlink 1 alert/, tap(/^Choose /, 'checkbox'), click('Unlink 1…')),
    ],
  },
  {
    name: 'an incident’s tasks',
    path: tab('tasks'),
    popups: [
      menu(act('tabs/TaskRow', /./, click(/^Status: /))),
      act('tabs/TaskDialog', 'Task', click('Look for others of the kind')),
      list(act('tabs/TaskDialog', /./, click('Look for others of the kind'), field('Owner'))),
    ],
  },
  {
    name: 'an incident’s notes',
    path: tab('notes'),
    popups: [
      act('tabs/NoteItem', 'Versions of this note', click('Versions of this note')),
      act('tabs/NoteItem', 'Remove your note?', click('Remove this note')),
    ],
  },
  {
    name: 'an incident’s observables',
    path: tab('observables'),
    popups: [
      act('tabs/PasteDialog', /^Add observables to #/, click('Add observables…')),
      menu(act('tabs/ObservablesTab', /./, click(/^Verdict of /))),
      menu(act('tabs/ObservablesTab', /./, click(/^More on /))),
      act('tabs/ObservableDialog', 'Edit observable', click(/^More on /), item(/^Edit TLP/)),
      act('tabs/RemoveObservableDialog', /^Remove an observable/, click(/^More on /), item('Remove…')),
    ],
  },
  {
    name: 'an incident’s evidence',
    path: tab('evidence'),
    popups: [
      menu(act('tabs/EvidenceTab', /./, click('More on mail.txt'))),
      act('tabs/CustodyDialog', 'Custody', click('More on mail.txt'), item('Custody…')),
      act('tabs/EvidenceDialogs', 'Describe the file', click('More on mail.txt'), item('Describe…')),
      act('tabs/EvidenceDialogs', /^Remove mail.txt from #/, click('More on mail.txt'), item('Remove…')),
      {
        ...act('parts/UploadsGuard', 'Cancel the upload of 1 file'),
        how: [
          (page) => page.route(/\/evidence\?/, () => undefined),
          (page) =>
            page
              .getByLabel('Files', { exact: true })
              .setInputFiles({ name: 'big.txt', mimeType: 'text/plain', buffer: Buffer.from('big') }),
          click(/^Alerts/, 'link'),
        ],
        anew: true,
      },
    ],
  },
  {
    name: 'an incident’s events',
    path: tab('events'),
    popups: [
      act('tabs/PickDialog', /^Pick events for #/, click('Pick events…')),
      act('tabs/EventDialog', /./, click(/Every dialog/)),
    ],
  },
];

const others: readonly Place[] = [
  {
    name: 'an incident that can be closed',
    path: ({ ready }) => `/incidents/${ready}`,
    popups: [
      act('dialogs/CloseDialog', /^Close #/, click(/^Close…/)),
      act('dialogs/MoveDialog', /^Put #.* on hold/, click(/^(Open|Investigating)/), item('Put on hold…')),
      act('dialogs/RestrictDialog', /^Open #.* to everybody/, ...more('Restrict no longer…')),
      act('side/Members', 'Add a member', click('Add…')),
      list(act('side/Members', /./, click('Add…'), field('Person'))),
    ],
  },
  {
    name: 'an incident in review',
    path: ({ review }) => `/incidents/${review}`,
    popups: [
      act('dialogs/DecideDialog', /^Decide on closing #/, click('Decide…')),
      act('dialogs/WithdrawDialog', /^Withdraw the request/, click('Withdraw…')),
    ],
  },
  {
    name: 'a closed incident',
    path: ({ closed }) => `/incidents/${closed}`,
    popups: [act('dialogs/ReopenDialog', /^Reopen #/, click('Reopen…'))],
  },
];

export const INCIDENT: readonly Place[] = [overview, ...parts, ...others];
