import { useNavigate } from '@tanstack/react-router';
import type { MouseEvent, ReactNode } from 'react';
import { pivotTo, type Target } from '../words';

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
