import { type CellValue, copyOf, type GridColumn } from '@/domain/grid/columns';
import { useCursorKeys } from '@/domain/grid/cursor';
import { copied } from '@/domain/grid/GridCell';
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
  const valued = columns.filter((one) => one.value && shown.includes(one.id));
  const at = valued.findIndex((one) => one.id === cursor.column);
  const cell = current && valued[at]?.value?.(current);
  const beside = (step: number) => cursor.toColumn(valued[Math.max(0, Math.min(valued.length - 1, at + step))]?.id);
  // Without a cell, the first key shows which one it would be.
  const onCell = (then: (value: CellValue) => void) => () => (cell ? then(cell) : beside(1));
  function leave() {
    if (cursor.column) cursor.toColumn(undefined);
    else if (queue.selecting) selection.clear();
    else if (previewing) onPreview(undefined);
  }
  useHotkeys({
    ...moving,
    ArrowRight: () => beside(1),
    ArrowLeft: () => beside(-1),
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
    f: { label: 'Filter for the cell; → and ← choose it', run: onCell((value) => onFilter(value, false)) },
    F: { label: 'Filter the cell out', run: onCell((value) => onFilter(value, true)) },
    y: { label: 'Copy the cell', run: onCell((value) => copied(copyOf(value))) },
    '.': fresh.count > 0 ? { label: 'Show what is new', run: queue.showNew } : undefined,
    Escape: leave,
  });
}
