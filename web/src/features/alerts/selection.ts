import { useCallback, useState } from 'react';

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  add: (ids: readonly string[]) => void;
  clear: () => void;
}

/** What is selected, by id: it survives sorting, scrolling and new pages. */
export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string) => {
    setIds((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);
  const add = useCallback((some: readonly string[]) => setIds((before) => new Set([...before, ...some])), []);
  const clear = useCallback(() => setIds(new Set()), []);
  return { ids, toggle, add, clear };
}
