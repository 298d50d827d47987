import { useCallback, useLayoutEffect, useRef } from 'react';

/** The same function between renderings, which does what the newest one does: for rows that are drawn only when they change. */
export function useStable<A extends unknown[], R>(act: (...given: A) => R): (...given: A) => R {
  const newest = useRef(act);
  useLayoutEffect(() => {
    newest.current = act;
  });
  return useCallback((...given: A) => newest.current(...given), []);
}
