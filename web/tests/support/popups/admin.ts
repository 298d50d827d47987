import { again, answered, choose, click, field, fill, inside, item, key, type Place, type Popup } from './steps';

const act = (of: string, called: Popup['called'], ...how: Popup['how']): Popup => ({
  of: `features/${of}.tsx`,
  called,
  how,
});
const list = (popup: Popup): Popup => ({ ...popup, role: 'listbox' });
const menu = (popup: Popup): Popup => ({ ...popup, role: 'menu' });

const TIME = '2026-01-01T00:00:00Z';
const SHOWN_ONCE = 'made_up_for_a_test_and_good_for_nothing';
const actions = click('Actions for Ari Analyst');

const users: Place = {
  name: 'users',
  path: () => '/admin/users',
  popups: [
    menu(act('admin/users/UserActions', /./, actions)),
    act('admin/users/EditUserDialog', 'Change user', actions, item('Change role or name…')),
    act('admin/users/ConfirmUser', 'Disable Ari Analyst', actions, item('Disable…')),
    act('admin/users/ConfirmUser', /^Remove Ari Analyst from /, actions, item('Remove…')),
    act('admin/users/ConfirmUser', 'Reset the sign-in of Ari Analyst', actions, item('Reset sign-in…')),
    act(
      'admin/users/ConfirmUser',
      'Reset: Ari Analyst',
      actions,
      item('Reset sign-in…'),
      answered('POST', /\/reset$/, { password: SHOWN_ONCE }),
      inside('Reset'),
    ),
    act('admin/users/AddUserDialog', 'Add user', click('Add user…')),
    act(
      'admin/users/AddUserDialog',
      'Added: Every Dialog',
      click('Add user…'),
      fill('E-mail address', 'dialogs@alderbrook.example'),
      fill('Name', 'Every Dialog'),
      answered('POST', /\/users$/, { name: 'Every Dialog', email: 'dialogs@alderbrook.example', password: SHOWN_ONCE }),
      inside('Add user'),
    ),
    act('admin/users/InviteDialog', 'Invite', click('Invite…')),
    act(
      'admin/users/InviteDialog',
      'Invited: dialogs@alderbrook.example',
      click('Invite…'),
      fill('E-mail address', 'dialogs@alderbrook.example'),
      answered('POST', /\/invitations$/, {
        email: 'dialogs@alderbrook.example',
        role: 'analyst',
        code: SHOWN_ONCE,
        expires_at: TIME,
      }),
      inside('Invite'),
    ),
  ],
};

const tokens: Place = {
  name: 'tokens',
  path: () => '/admin/tokens',
  popups: [
    act('admin/tokens/Tokens', 'What Every dialog may do', click('2 scopes')),
    act('admin/tokens/Tokens', 'Revoke Every dialog', click('Revoke Every dialog')),
    act('admin/tokens/CreateTokenDialog', 'Create API token', click('Create token…')),
    act(
      'admin/tokens/CreateTokenDialog',
      'Created: Every dialog',
      click('Create token…'),
      fill('Name', 'Every dialog'),
      inside('All that read'),
      answered('POST', /\/tokens$/, { name: 'Every dialog', token: SHOWN_ONCE, expires_at: TIME }),
      inside('Create token'),
    ),
  ],
};

const organization: Place = {
  name: 'policy',
  path: () => '/admin/organization',
  popups: [
    {
      ...act(
        'admin/organization/SavePolicyDialog',
        'Save policy: 1 change',
        (page) => page.getByRole('table', { name: 'Targets by severity' }).getByRole('textbox').first().fill('20 min'),
        click('Save policy…'),
      ),
      anew: true,
    },
  ],
};

const reasons: Place = {
  name: 'reasons for closing',
  path: () => '/admin/organization?tab=reasons',
  popups: [act('admin/organization/Reasons', 'Retire Every dialog', click('Retire Every dialog'))],
};

const templates: Place = {
  name: 'templates',
  path: () => '/admin/templates',
  popups: [
    act('admin/templates/Templates', 'Retire Every dialog', click('Retire Every dialog')),
    act('admin/templates/TemplateDialog', 'Create template', click('Create template…')),
    act('admin/templates/TemplateDialog', 'Every dialog', click('Every dialog')),
    {
      of: 'domain/Leaving.tsx',
      called: 'Discard what you changed of Every dialog',
      how: [click('Every dialog'), fill('Name', 'Another'), key('Escape')],
      anew: true,
    },
  ],
};

const audit: Place = {
  name: 'audit',
  path: () => '/admin/audit',
  popups: [
    list(act('admin/audit/Filters', /./, field('Who'))),
    act('admin/audit/ChainDialog', 'Check the chain', click('Check the chain…')),
    act('admin/audit/EntryDialog', /./, click(/./, 'button', ['table', /./])),
    menu({
      ...act(
        'admin/audit/ExportLink',
        /./,
        answered('GET', /\/auth\/session$/, (now) => {
          const { memberships } = now as { memberships: object[] };
          const other = {
            ...memberships[0],
            organization_id: '01a21e92-0000-7000-8000-000000000000',
            organization: 'Other',
          };
          return { ...now, memberships: [...memberships, other] };
        }),
        again,
        click('Export'),
      ),
      anew: true,
    }),
  ],
};

const notifications: readonly Place[] = [
  {
    name: 'routes of notifications',
    path: () => '/notifications',
    popups: [
      act('notifications/RouteDialog', 'Create route', click('Create route…')),
      act('notifications/RouteDialog', 'Change route', click('Change…')),
      act('notifications/Routes', /^Delete the route to /, click('Delete…')),
    ],
  },
  {
    name: 'channels',
    path: () => '/notifications?tab=channels',
    popups: [
      act('notifications/ChannelDialog', 'Create channel', click('Create channel…')),
      act('notifications/ChannelDialog', 'Change channel', click('Change…')),
      act('notifications/Channels', 'Disable Every dialog', click('Disable Every dialog')),
      act(
        'notifications/ChannelDialog',
        'Created: Every dialog',
        click('Create channel…'),
        choose('Kind', 'webhook'),
        fill('Name', 'Every dialog'),
        fill('URL', 'https://chat.alderbrook.example/hook'),
        answered('POST', /\/notification-channels$/, { name: 'Every dialog', key: SHOWN_ONCE }),
        inside('Create channel'),
      ),
    ],
  },
];

const settings: readonly Place[] = [
  {
    name: 'security',
    path: () => '/settings?tab=security',
    popups: [
      {
        ...act(
          'settings/Totp',
          'Take the authenticator app off',
          answered('GET', /\/auth\/session$/, (now) => ({ ...now, totp_enabled: true })),
          again,
          click('Take it off…'),
        ),
        anew: true,
      },
    ],
  },
  {
    name: 'preferences',
    path: () => '/settings?tab=preferences',
    popups: [list(act('settings/Preferences', /./, field('Another zone')))],
  },
];

export const ADMIN: readonly Place[] = [
  users,
  tokens,
  organization,
  reasons,
  templates,
  audit,
  ...notifications,
  ...settings,
];
