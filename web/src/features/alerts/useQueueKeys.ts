import type { CellValue, GridColumn } from '@/domain/grid/columns';
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
  onHelp: () => void;
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
  onHelp,
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
    o: () => cursor.id && onPreview(cursor.id),
    Enter: (event) => cursor.id && (event.shiftKey ? onPage(cursor.id) : onPreview(cursor.id)),
    e: () => act('acknowledge'),
    a: () => act('assign'),
    m: actions.take,
    s: () => !queue.selecting && act('status'),
    t: () => act('tag'),
    z: () => !queue.selecting && act('snooze'),
    i: () => actions.mayLink && act('incident'),
    c: () => act('close'),
    f: onCell((value) => onFilter(value, false)),
    F: onCell((value) => onFilter(value, true)),
    y: onCell((value) => copied(String(value.value))),
    '.': fresh.count > 0 ? queue.showNew : undefined,
    '?': onHelp,
    Escape: leave,
  });
}
