import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { BuiltInView } from '@/domain/list/SavedViews';
import { firstView, type ViewContent, viewsQuery } from '@/domain/list/views';
import type { ExplorerSearch } from './search';

const builtIn = (key: string, name: string, query: string): BuiltInView => ({
  key,
  name,
  content: { query, sort: null, columns: [] },
});

/** Views that are always there. */
export const VIEWS: readonly BuiltInView[] = [
  builtIn('all', 'All events', ''),
  builtIn('detections', 'Detections', 'event.kind:"alert"'),
  builtIn('sign-ins', 'Failed sign-ins', 'event.category:authentication AND event.outcome:failure'),
];

/** Opens the view that this browser begins with, where the URL says nothing. */
export function useFirstView(search: ExplorerSearch, onOpen: (key: string, content: ViewContent) => void): void {
  const wanted = useRef(Object.values(search).some((one) => one !== undefined) ? undefined : firstView('event'));
  const known = VIEWS.find((one) => one.key === wanted.current);
  const { data } = useQuery({ ...viewsQuery('event'), enabled: wanted.current !== undefined && !known });
  const content = known?.content ?? data?.find((one) => one.id === wanted.current);
  useEffect(() => {
    if (!wanted.current || !content) return;
    onOpen(wanted.current, content);
    wanted.current = undefined;
  }, [content, onOpen]);
}
