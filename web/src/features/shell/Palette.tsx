import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { type Dispatch, type RefObject, type SetStateAction, useEffect, useMemo, useRef, useState } from 'react';
import { commandsNow, keyName } from '@/lib/commands';
import { holdShortcuts } from '@/lib/keys';
import { Kbd } from '@/ui/Kbd';
import { type Entry, type Group, matching } from './matching';
import s from './Palette.module.css';
import type { Groups } from './places';
import { useFound } from './useFound';
import { useGeneral } from './useGeneral';

interface Props {
  groups: Groups;
  /** What was typed before it was there. */
  typed: RefObject<string>;
  onHelp: () => void;
  onLeave: () => void;
}

/** Everything that can be done, gone to or found, by typing a part of its name. */
export default function Palette({ groups, typed, onHelp, onLeave }: Props) {
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useEffect(holdShortcuts, []);
  useTyped(input, typed, setText);
  const here = useMemo(actionsHere, []);
  const general = useGeneral(groups, onHelp);
  const found = useFound(text);
  const items = [...matching([here, ...general], text), ...found.groups];
  function take({ run }: Entry) {
    onLeave();
    // The focus goes back first, so that an action finds the page as it was.
    requestAnimationFrame(run);
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onLeave()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={s.backdrop} />
        <Dialog.Popup className={s.popup} aria-label="Search or jump to" initialFocus={input}>
          <Autocomplete.Root
            open
            inline
            mode="none"
            items={items}
            value={text}
            onValueChange={setText}
            autoHighlight="always"
            keepHighlight
            itemToStringValue={(one: Entry) => one.label}
          >
            <div className={s.head}>
              <Search size={15} aria-hidden="true" />
              <Autocomplete.Input
                ref={input}
                className={s.input}
                aria-label="Search or jump to"
                placeholder="Go to a page, do something, find an alert or #incident"
                maxLength={200}
              />
              <Kbd>Esc</Kbd>
            </div>
            <Autocomplete.Empty className={s.empty}>
              {found.busy ? 'Looking…' : 'Nothing of that name.'}
            </Autocomplete.Empty>
            <Autocomplete.List className={s.list}>
              {(group: Group) => <Part key={group.value} group={group} onTake={take} />}
            </Autocomplete.List>
          </Autocomplete.Root>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What is typed before the field has the focus is meant for it. */
function useTyped(
  input: RefObject<HTMLInputElement | null>,
  typed: RefObject<string>,
  setText: Dispatch<SetStateAction<string>>,
): void {
  useEffect(() => {
    setText(typed.current);
    function onKey(event: KeyboardEvent) {
      if (event.target === input.current || event.key.length !== 1) return;
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      setText((before) => before + event.key);
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [input, typed, setText]);
}

function Part({ group, onTake }: { group: Group; onTake: (entry: Entry) => void }) {
  return (
    <Autocomplete.Group items={group.items} className={s.group}>
      <Autocomplete.GroupLabel className={s.name}>{group.value}</Autocomplete.GroupLabel>
      <Autocomplete.Collection>
        {(entry: Entry) => (
          <Autocomplete.Item key={entry.id} value={entry} className={s.item} onClick={() => onTake(entry)}>
            <span className={s.label}>{entry.label}</span>
            {entry.hint && <span className={s.hint}>{entry.hint}</span>}
            {entry.keys?.map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
          </Autocomplete.Item>
        )}
      </Autocomplete.Collection>
    </Autocomplete.Group>
  );
}

/** What the page at hand can do now, as it was when the palette was opened. */
function actionsHere(): Group {
  const items = commandsNow().map(({ label, key, run }) => ({
    id: `do ${label}`,
    label,
    keys: key ? [keyName(key)] : undefined,
    run,
  }));
  return { value: 'On this page', items };
}
