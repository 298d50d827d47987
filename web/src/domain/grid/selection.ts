import { useCallback, useMemo, useState } from 'react';

/** What is selected: some rows by their ids, or all that a query finds, as of a moment. */
export interface Selection {
  ids: ReadonlySet<string>;
  /** Since when what comes new does not belong to all; undefined where some are selected, not all. */
  allSince: string | undefined;
  toggle: (id: string) => void;
  put: (ids: readonly string[], on: boolean) => void;
  all: () => void;
  clear: () => void;
}

interface State {
  ids: ReadonlySet<string>;
  allSince: string | undefined;
}

const NOTHING: State = { ids: new Set(), allSince: undefined };

/** By id, so that it survives sorting, scrolling and new pages. Touching one row makes some of all again. */
export function useSelection(): Selection {
  const [state, setState] = useState<State>(NOTHING);
  const put = useCallback(
    (some: readonly string[], on: boolean) =>
      setState((before) => {
        const ids = new Set(before.ids);
        for (const id of some) on ? ids.add(id) : ids.delete(id);
        return { ids, allSince: undefined };
      }),
    [],
  );
  const toggle = useCallback(
    (id: string) =>
      setState((before) => {
        const ids = new Set(before.ids);
        if (!ids.delete(id)) ids.add(id);
        return { ids, allSince: undefined };
      }),
    [],
  );
  const all = useCallback(() => setState((before) => ({ ...before, allSince: new Date().toISOString() })), []);
  const clear = useCallback(() => setState(NOTHING), []);
  return useMemo(() => ({ ...state, toggle, put, all, clear }), [state, toggle, put, all, clear]);
}
