import { Ellipsis } from 'lucide-react';
import { IconButton } from '@/ui/Button';
import { Menu, type MenuItem } from '@/ui/Menu';
import type { Alert } from './queries';
import { canTake } from './triage';
import type { Actions } from './useActions';

/** What is done less often, each by its key too. */
export function PreviewMenu({ alert, actions }: { alert: Alert; actions: Actions }) {
  const { act } = actions;
  const closed = !canTake(alert, 'close');
  const items: MenuItem[] = [
    { label: 'Assign to me', keys: 'M', onSelect: actions.take },
    { label: 'Status…', keys: 'S', onSelect: () => act('status') },
    { label: 'Tag…', keys: 'T', onSelect: () => act('tag') },
    { label: 'Snooze…', keys: 'Z', why: closed ? 'It is not open.' : undefined, onSelect: () => act('snooze') },
    { label: 'Close…', keys: 'C', why: closed ? 'It is not open.' : undefined, onSelect: () => act('close') },
  ];
  return (
    <Menu
      trigger={
        <IconButton size="sm" label="More">
          <Ellipsis size={14} aria-hidden="true" />
        </IconButton>
      }
      items={items}
    />
  );
}
