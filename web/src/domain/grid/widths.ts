import { useCallback, useState } from 'react';
import { LEAST, MOST, type Widths } from './columns';

/** Widths of a grid's columns: looks, which are kept in this browser by the grid's name. */
export function useWidths(name: string): [Widths, (id: string, width: number | undefined) => void] {
  const key = `eventsec.widths.${name}`;
  const [widths, setWidths] = useState<Widths>(() => kept(key));
  const change = useCallback(
    (id: string, width: number | undefined) =>
      setWidths((before) => {
        const { [id]: _, ...others } = before;
        const after =
          width === undefined ? others : { ...others, [id]: Math.round(Math.max(LEAST, Math.min(MOST, width))) };
        try {
          localStorage.setItem(key, JSON.stringify(after));
        } catch {
          // Private windows refuse.
        }
        return after;
      }),
    [key],
  );
  return [widths, change];
}

function kept(key: string): Widths {
  try {
    const raw: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
    const all = Object.entries(raw as object).filter((one): one is [string, number] => typeof one[1] === 'number');
    return Object.fromEntries(all);
  } catch {
    return {};
  }
}
