import { useNavigate } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';
import { PATHS } from '@/app/paths';
import { quoted } from '@/lib/query';

type Target = 'alerts' | 'explorer' | 'incidents';

/** Where a query is looked at: events, alerts or incidents. */
export const pivotTo = (target: Target, query: string): string =>
  `${PATHS[target]}?${new URLSearchParams({ query }).toString()}`;

/** The query that finds a value of this type, wherever it was seen. */
export const seenQuery = (type: string, value: string): string => `observable.${type}:${quoted(value)}`;

/** A link to a list by a query. Those lists are other features', so the address is all that is known of them here. */
export function Pivot({ to, query, children }: { to: Target; query: string; children: ReactNode }) {
  const navigate = useNavigate();
  const href = pivotTo(to, query);
  function follow(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    void navigate({ href });
  }
  return (
    <a className="u-link" href={href} onClick={follow}>
      {children}
    </a>
  );
}
