import type { States } from '../states';
import { answered, choose, click, field, fill, inside, item, type Place, type Popup, press, type Step } from './steps';

const act = (of: string, called: Popup['called'], ...how: Popup['how']): Popup => ({
  of: `features/${of}.tsx`,
  called,
  how,
});
const list = (popup: Popup): Popup => ({ ...popup, role: 'listbox' });
const menu = (popup: Popup): Popup => ({ ...popup, role: 'menu' });

/** The link to one of the jobs. */
const job =
  (which: keyof States['jobs']): Step =>
  (page, trail, { jobs }) =>
    press(page.locator(`main a[href*="open=${jobs[which]}"]`), trail);

const parked = {
  messages: 1,
  items: [
    {
      message_id: '01a21e92-0000-7000-8000-000000000000',
      queue: 'events.stored',
      reason: 'rejected',
      attempt: 5,
      bytes: 812,
      at: '2026-01-01T00:00:00Z',
      correlation_id: '01a21e92-0000-7000-8000-000000000001',
      schema: null,
      head: '{"schema": "event/1"',
    },
  ],
};
const someParked = answered('GET', /\/system\/parked\//, parked);
const fresh = {
  id: '01a21e92-0000-7000-8000-000000000002',
  prefix: 'evs_made',
  key: 'evs_made_up_for_a_test_and_good_for_nothing',
  created_at: '2026-01-01T00:00:00Z',
  expires_at: null,
  last_used_at: null,
  revoked_at: null,
};
const made = { name: 'Every dialog', format: 'json', key: fresh };
/** The row itself has the focus back: others come in above it meanwhile. */
const record: Step = async (page, trail) => {
  const row = page.getByRole('table', { name: 'Quarantined records' }).getByRole('button').first();
  trail.held = await row.elementHandle();
  await row.click();
};

/** What comes in, and what becomes of it. */
export const WORK: readonly Place[] = [
  {
    name: 'the explorer',
    path: () => '/explorer',
    popups: [
      act('explorer/ExportDialog', 'Export events', click('Export events')),
      act('explorer/ColumnMenu', 'Columns', click('Columns')),
    ],
  },
  {
    name: 'sensors',
    path: () => '/sensors',
    popups: [
      act('sensors/AddSensor', 'Add sensor', click('Add sensor')),
      {
        ...act(
          'sensors/AddSensor',
          /^Connect /,
          click('Add sensor'),
          fill('Name', 'Every dialog'),
          (page, trail, of) => answered('POST', /\/sensors$/, { id: of.sensor, ...made })(page, trail, of),
          inside('Add sensor'),
        ),
        leads: true,
        anew: true,
      },
    ],
  },
  {
    name: 'a sensor’s keys',
    path: ({ sensor }) => `/sensors/${sensor}?tab=keys`,
    popups: [
      act('sensors/SensorPage', /^Disable /, click('Disable')),
      act('sensors/NewKey', 'Make a fresh key', click('Make a fresh key')),
      act('sensors/Keys', /^Revoke /, click(/^Revoke /)),
      act(
        'sensors/NewKey',
        /^Fresh key of /,
        click('Make a fresh key'),
        answered('POST', /\/keys$/, fresh),
        inside('Make key'),
      ),
    ],
  },
  {
    name: 'a sensor’s settings',
    path: ({ sensor }) => `/sensors/${sensor}?tab=settings`,
    popups: [
      {
        of: 'domain/Leaving.tsx',
        called: /^Discard what you changed of /,
        how: [fill('Name', 'Another'), click(/^Alerts/, 'link')],
        anew: true,
      },
    ],
  },
  {
    name: 'quarantine',
    path: () => '/quarantine',
    popups: [
      act('quarantine/Ask', /^Discard /, click(/^Discard .*…$/)),
      act('quarantine/Ask', /^Re-drive /, click(/^Re-drive .*…$/)),
      act('quarantine/RecordDrawer', /./, record),
      act('quarantine/Mend', 'Discard this record', record, click('Discard…')),
    ],
  },
  {
    name: 'a suppression',
    path: ({ suppression }) => `/suppressions/${suppression}`,
    popups: [
      act('suppressions/EditDialog', 'Edit suppression', click('Edit…')),
      act('suppressions/Actions', /^End “Every dialog” now\?/, click('End now…')),
      list({
        of: 'domain/suppression/Times.tsx',
        called: /./,
        how: [click('Edit…'), choose('Holds', 'windows'), field('Time zone')],
      }),
    ],
  },
  {
    name: 'handovers',
    path: () => '/handovers',
    popups: [
      act('handovers/BeginDialog', 'Hand over a shift', click(/^Hand over/)),
      list(act('handovers/BeginDialog', /./, click(/^Hand over/), field('Who takes over'))),
    ],
  },
  {
    name: 'a draft of a handover',
    path: ({ draft }) => `/handovers/${draft}`,
    popups: [
      act('handovers/Writing', 'Sign the handover', click('Sign…')),
      list(act('handovers/Writing', /./, field('Who takes over'))),
      list(act('handovers/Steps', /./, field('Add an incident'))),
    ],
  },
  {
    name: 'a handover that waits',
    path: ({ offered }) => `/handovers/${offered}`,
    popups: [act('handovers/Accept', 'Accept the handover', click('Accept…'))],
  },
  {
    name: 'jobs',
    path: () => '/jobs',
    popups: [
      act('jobs/JobDrawer', /./, job('copy')),
      act('jobs/JobDrawer', /^Delete: /, job('copy'), click('Delete the copy…')),
      act('jobs/Actions', /^Take back: /, click('Take back…')),
      act('jobs/Actions', /^Start: /, click('Start…')),
    ],
  },
  {
    name: 'status',
    path: () => '/status',
    popups: [
      menu(act('status/Stores', /./, click('Compare or repair'))),
      act('status/Stores', 'Repair both stores', click('Compare or repair'), item('Repair what differs…')),
      act('status/Stores', 'Reindex alerts', click('Compare or repair'), item('Reindex alerts…')),
      { ...act('status/Parked', 'events.parked', click('Look into events.parked')), anew: true },
      act('status/Parked', /^Drop 1 /, someParked, click('Look into events.parked'), click('Drop 1…')),
    ],
  },
];
