import { getRouteApi } from '@tanstack/react-router';
import { Page, Stack } from '@/ui/Page';
import { Tabs } from '@/ui/Tabs';
import { Password } from './Password';
import { Places } from './Places';
import { Preferences } from './Preferences';
import { Profile } from './Profile';
import s from './SettingsPage.module.css';
import type { SettingsTab } from './search';
import { Totp } from './Totp';

const route = getRouteApi('/app/settings');
const TITLES: readonly { key: SettingsTab; label: string }[] = [
  { key: 'profile', label: 'Profile' },
  { key: 'security', label: 'Security' },
  { key: 'preferences', label: 'Preferences' },
];

/** The person's own: who they are, how they sign in, how things look. */
export default function SettingsPage() {
  const { tab = 'profile' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page title="Settings" narrow>
      <Tabs
        label="Settings"
        tabs={TITLES}
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next === 'profile' ? undefined : next } })}
      >
        <div className={s.panel}>
          <Stack>
            {tab === 'profile' && <Profile />}
            {tab === 'security' && (
              <>
                <Password />
                <Totp />
                <Places />
              </>
            )}
            {tab === 'preferences' && <Preferences />}
          </Stack>
        </div>
      </Tabs>
    </Page>
  );
}
