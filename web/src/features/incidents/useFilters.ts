import { useState, useSyncExternalStore } from 'react';

const NARROW = '(width < 900px)';

/** Whether filters are shown: beside the table where there is room, over it where there is not. A board needs the room. */
export function useFilters(board: boolean) {
  const narrow = useSyncExternalStore(watch, () => window.matchMedia?.(NARROW).matches ?? false);
  const [beside, setBeside] = useState({ table: true, board: false });
  const [over, setOver] = useState(false);
  const layout = board ? 'board' : 'table';
  return {
    narrow,
    on: narrow ? over : beside[layout],
    turn: () => (narrow ? setOver(!over) : setBeside({ ...beside, [layout]: !beside[layout] })),
  };
}

function watch(changed: () => void): () => void {
  const query = window.matchMedia?.(NARROW);
  query?.addEventListener('change', changed);
  return () => query?.removeEventListener('change', changed);
}
