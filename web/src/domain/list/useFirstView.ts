import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { BuiltInView } from './SavedViews';
import { firstView, type ViewContent, type ViewKind, viewsQuery } from './views';

interface Wanted {
  kind: ViewKind;
  builtIn: readonly BuiltInView[];
  /** The URL says by itself what is to be listed. */
  said: boolean;
  onOpen: (key: string, content: ViewContent) => void;
}

/** Opens the view that this browser begins with, where the URL says nothing. */
export function useFirstView({ kind, builtIn, said, onOpen }: Wanted): void {
  const wanted = useRef(said ? undefined : firstView(kind));
  const own = builtIn.find((one) => one.key === wanted.current);
  const { data } = useQuery({ ...viewsQuery(kind), enabled: wanted.current !== undefined && !own });
  const content = own?.content ?? data?.find((one) => one.id === wanted.current);
  useEffect(() => {
    // Who asks for something before the view is there gets what they asked for.
    if (said) wanted.current = undefined;
    if (!wanted.current || !content) return;
    onOpen(wanted.current, content);
    wanted.current = undefined;
  }, [said, content, onOpen]);
}
