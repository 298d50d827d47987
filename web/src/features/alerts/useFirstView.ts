import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { ViewContent } from '@/domain/list/views';
import { firstView, viewsQuery } from '@/domain/list/views';
import type { AlertSearch } from './search';
import { VIEWS } from './views';

/** Opens the view that this browser begins with, where the URL says nothing. */
export function useFirstView(search: AlertSearch, onOpen: (key: string, content: ViewContent) => void): void {
  const wanted = useRef(Object.values(search).some((one) => one !== undefined) ? undefined : firstView('alert'));
  const builtIn = VIEWS.find((one) => one.key === wanted.current);
  const { data } = useQuery({ ...viewsQuery('alert'), enabled: wanted.current !== undefined && !builtIn });
  const content = builtIn?.content ?? data?.find((one) => one.id === wanted.current);
  useEffect(() => {
    if (!wanted.current || !content) return;
    onOpen(wanted.current, content);
    wanted.current = undefined;
  }, [content, onOpen]);
}
