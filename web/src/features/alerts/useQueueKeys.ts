import type { CellValue, GridColumn } from '@/domain/grid/columns';
import { useCursorKeys } from '@/domain/grid/cursor';
import { useCellKeys } from '@/domain/grid/useCellKeys';
import { useHotkeys } from '@/lib/hotkeys';
import type { Alert } from './queries';
import type { Actions } from './useActions';
import type { Queue } from './useQueue';

interface Wanted {
  queue: Queue;
  actions: Actions;
  columns: readonly GridColumn<Alert>[];
  /** Which of them are on screen. */
  shown: readonly string[];
  previewing: boolean;
  onFilter: (cell: CellValue, out: boolean) => void;
  onPreview: (id: string | undefined) => void;
  onPage: (id: string) => void;
}

/** The keys of the queue; each does what a control does. */
export function useQueueKeys({
  queue,
  actions,
  columns,
  shown,
  previewing,
  onFilter,
  onPreview,
  onPage,
}: Wanted): void {
  const { cursor, selection, current, fresh, ids } = queue;
  const { act } = actions;
  const moving = useCursorKeys(cursor, ids, actions.mayWrite ? selection : undefined);
  const cells = useCellKeys({ row: current, columns, shown, cursor, onFilter });
  function leave() {
    if (cursor.column) cursor.toColumn(undefined);
    else if (queue.selecting) selection.clear();
    else if (previewing) onPreview(undefined);
  }
  useHotkeys({
    ...moving,
    ...cells,
    o: { label: 'Preview the alert; Shift and ↵ open its page', run: () => onPreview(cursor.id) },
    Enter: (event) => cursor.id && (event.shiftKey ? onPage(cursor.id) : onPreview(cursor.id)),
    ...(actions.mayWrite && {
      e: { label: 'Acknowledge, and go to the next', run: () => act('acknowledge') },
      a: { label: 'Assign', run: () => act('assign') },
      m: { label: 'Assign to me', run: actions.take },
      t: { label: 'Tag', run: () => act('tag') },
      c: { label: 'Close with a verdict, and go to the next', run: () => act('close') },
    }),
    ...(actions.mayWrite &&
      !queue.selecting && {
        s: { label: 'Change the status', run: () => act('status') },
        z: { label: 'Snooze', run: () => act('snooze') },
      }),
    ...(actions.mayLink && { i: { label: 'Link to an incident', run: () => act('incident') } }),
    '.': fresh.count > 0 ? { label: 'Show what is new', run: queue.showNew } : undefined,
    Escape: leave,
  });
}
