import { Ellipsis } from 'lucide-react';
import { useRef } from 'react';
import { useHotkeys } from '@/lib/hotkeys';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Menu } from '@/ui/Menu';
import { useHere } from '../here';
import s from './Actions.module.css';
import { useMoreItems } from './more';
import { StatusMenu } from './StatusMenu';
import { type Moves, useMoves } from './useMoves';

/** What is done with an incident most, each with its key, and all else under one button. */
export function Actions() {
  const { incident, open, show, takes, mayWrite, mayChange } = useHere();
  const moves = useMoves();
  const status = useRef<HTMLButtonElement>(null);
  const { able, mine, whyClose } = moves;
  useHotkeys({
    a: able ? { label: 'Assign the incident', run: () => open({ ask: 'assign' }) } : undefined,
    m: able && !mine ? { label: 'Take the incident', run: moves.take } : undefined,
    s: able ? { label: 'Move the incident', run: () => status.current?.click() } : undefined,
    c: mayWrite && !whyClose ? { label: 'Close the incident', run: () => open({ ask: 'close' }) } : undefined,
    n: takes ? { label: 'Write a note', run: () => show('notes', true) } : undefined,
    t: mayChange ? { label: 'Add a task', run: () => show('tasks', true) } : undefined,
  });
  return (
    <>
      {mayWrite && incident.status === 'closed' && (
        <Button variant="primary" onClick={() => open({ ask: 'reopen' })}>
          Reopen…
        </Button>
      )}
      {mayChange && (
        <>
          <Giving moves={moves} />
          <StatusMenu moves={moves} button={status} />
        </>
      )}
      {takes && <Writing />}
      {mayChange && (
        <Button
          variant="primary"
          disabled={whyClose !== undefined}
          title={whyClose}
          onClick={() => open({ ask: 'close' })}
        >
          Close…<Kbd>C</Kbd>
        </Button>
      )}
      <More />
    </>
  );
}

function Giving({ moves: { able, mine, why, take } }: { moves: Moves }) {
  const { open } = useHere();
  return (
    <span className={s.wide}>
      <Button disabled={!able || mine} title={mine ? 'It is yours already' : why} onClick={take}>
        Take<Kbd>M</Kbd>
      </Button>
      <Button disabled={!able} title={why} onClick={() => open({ ask: 'assign' })}>
        Assign…<Kbd>A</Kbd>
      </Button>
    </span>
  );
}

function Writing() {
  const { show, mayChange } = useHere();
  return (
    <span className={s.wide}>
      <Button onClick={() => show('notes', true)}>
        Note<Kbd>N</Kbd>
      </Button>
      {mayChange && (
        <Button onClick={() => show('tasks', true)}>
          Task<Kbd>T</Kbd>
        </Button>
      )}
    </span>
  );
}

function More() {
  const items = useMoreItems();
  return (
    <Menu
      trigger={
        <IconButton label="More actions">
          <Ellipsis size={14} aria-hidden="true" />
        </IconButton>
      }
      items={items}
    />
  );
}
