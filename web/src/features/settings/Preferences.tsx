import { useMemo } from 'react';
import { Moment } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { useZones } from '@/domain/zones';
import { changeLook, useLook } from '@/lib/look';
import { Combobox } from '@/ui/Combobox';
import { Section, Stack } from '@/ui/Page';
import { Segmented } from '@/ui/Segmented';
import { Switch } from '@/ui/Switch';
import s from './SettingsPage.module.css';

/** How things look in this browser. */
export function Preferences() {
  const { theme, density, shortcuts } = useLook();
  return (
    <>
      <Section title="Looks" beside={<span className="u-subtle">kept in this browser</span>}>
        <Stack>
          <Segmented
            label="Theme"
            value={theme}
            options={[
              ['system', 'As the system has it'],
              ['dark', 'Dark'],
              ['light', 'Light'],
            ]}
            onChange={(next) => changeLook({ theme: next })}
          />
          <Segmented
            label="Rows"
            value={density}
            options={[
              ['compact', 'Compact'],
              ['default', 'Default'],
              ['comfortable', 'Comfortable'],
            ]}
            onChange={(next) => changeLook({ density: next })}
          />
        </Stack>
      </Section>
      <Times />
      <Section title="Keyboard">
        <Switch
          label="Single-key shortcuts"
          help="Letters do things while you type nowhere. Turn them off if you speak to your computer. ? lists them."
          checked={shortcuts}
          onChange={(on) => changeLook({ shortcuts: on })}
        />
      </Section>
    </>
  );
}

function Times() {
  const { zone } = useLook();
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
        <Segmented label="Times in" value={zone} options={zones} onChange={(next) => changeLook({ zone: next })} />
        <div className={s.form}>
          <Combobox
            label="Another zone"
            placeholder="Europe/…"
            choices={all}
            value={zone === 'utc' || zone === 'local' ? null : zone}
            onChange={(next) => next && changeLook({ zone: next })}
          />
        </div>
      </Stack>
    </Section>
  );
}
