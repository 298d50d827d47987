import { useMemo } from 'react';
import { usePreferences } from '@/domain/preferences';
import { Moment } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { useZones } from '@/domain/zones';
import { useLook } from '@/lib/look';
import { Combobox } from '@/ui/Combobox';
import { Section, Stack } from '@/ui/Page';
import { Segmented } from '@/ui/Segmented';
import { Switch } from '@/ui/Switch';
import s from './SettingsPage.module.css';

/** How things look, wherever the person signs in. */
export function Preferences() {
  const { theme, density, shortcuts } = useLook();
  const choose = usePreferences();
  return (
    <>
      <Section title="Looks" beside={<span className="u-subtle">in every browser of yours</span>}>
        <Stack>
          <Segmented
            label="Theme"
            value={theme}
            options={[
              ['system', 'As the system has it'],
              ['dark', 'Dark'],
              ['light', 'Light'],
            ]}
            onChange={(next) => choose({ theme: next })}
          />
          <Segmented
            label="Rows"
            value={density}
            options={[
              ['compact', 'Compact'],
              ['default', 'Default'],
              ['comfortable', 'Comfortable'],
            ]}
            onChange={(next) => choose({ density: next })}
          />
        </Stack>
      </Section>
      <Times />
      <Section title="Keyboard">
        <Switch
          label="Single-key shortcuts"
          help="Letters do things while you type nowhere. Turn them off if you speak to your computer. ? lists them."
          checked={shortcuts}
          onChange={(on) => choose({ shortcuts: on })}
        />
      </Section>
    </>
  );
}

function Times() {
  const { zone } = useLook();
  const choose = usePreferences();
  const zones = useZones();
  const now = useNow();
  const all = useMemo(() => Intl.supportedValuesOf('timeZone').map((name) => ({ value: name, label: name })), []);
  return (
    <Section
      title="Times"
      beside={
        <span className="u-subtle">
          now it is <Moment at={now} />
        </span>
      }
    >
      <Stack>
        <Segmented label="Times in" value={zone} options={zones} onChange={(next) => choose({ zone: next })} />
        <div className={s.form}>
          <Combobox
            label="Another zone"
            placeholder="Europe/…"
            choices={all}
            value={zone === 'utc' || zone === 'local' ? null : zone}
            onChange={(next) => next && choose({ zone: next })}
          />
        </div>
      </Stack>
    </Section>
  );
}
