import { useMemo } from 'react';
import { commandsNow, keyName } from '@/lib/commands';
import { changeLook, useLook } from '@/lib/look';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Kbd } from '@/ui/Kbd';
import { Switch } from '@/ui/Switch';
import s from './Help.module.css';
import { type Groups, goKeys } from './places';

const COMMAND = /mac/i.test(navigator.platform) ? '⌘' : 'Ctrl';

type Line = readonly [keys: readonly string[], label: string];

/** The keys of the page at hand, and those that work everywhere. */
export default function Help({ groups, onLeave }: { groups: Groups; onLeave: () => void }) {
  const { shortcuts } = useLook();
  const here = useMemo(
    () => commandsNow().flatMap(({ key, label }): Line[] => (key ? [[[keyName(key)], label]] : [])),
    [],
  );
  const everywhere: Line[] = [
    [[COMMAND, 'K'], 'Search, jump, do'],
    [['?'], 'Keyboard shortcuts'],
    [['Esc'], 'One level back'],
  ];
  const places = [...goKeys(groups)].map(([key, place]): Line => [['G', key.toUpperCase()], place.title]);
  return (
    <Dialog title="Keyboard shortcuts" size="lg" onLeave={onLeave}>
      <div className={s.parts}>
        <Part name="On this page" lines={here} none="This page has no keys of its own." />
        <Part name="Everywhere" lines={everywhere} />
        <Part name="Go to" lines={places} />
      </div>
      <DialogActions>
        <div className={s.switch}>
          <Switch
            label="Single-key shortcuts"
            help="Turn them off if you speak to your computer."
            checked={shortcuts}
            onChange={(on) => changeLook({ shortcuts: on })}
          />
        </div>
        <Button onClick={onLeave}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}

function Part({ name, lines, none }: { name: string; lines: readonly Line[]; none?: string }) {
  return (
    <section className={s.part}>
      <h3 className={s.name}>{name}</h3>
      {lines.length === 0 && <p className="u-subtle">{none}</p>}
      <dl className={s.lines}>
        {lines.map(([keys, label]) => (
          <div key={label} className={s.line}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
