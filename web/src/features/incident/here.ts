import { createContext, type RefObject, useContext, useEffect } from 'react';
import type { To } from '@/domain/moves';
import { useMay, useSession } from '@/domain/session';
import { useKept as useKeptAs } from '@/lib/useKept';
import type { Incident } from './queries';
import type { TabKey } from './search';
import type { Uploading } from './uploads';

/** A question that is open in front of the page. */
export type Asked =
  | { ask: 'assign' | 'close' | 'reopen' | 'merge' | 'unmerge' | 'restrict' | 'hold' | 'report' | 'export' }
  | { ask: 'times' | 'fields' | 'link' | 'review' | 'decide' | 'withdraw' }
  | { ask: 'move'; to: To }
  | { ask: 'split'; alertIds: readonly string[] };

interface Here {
  incident: Incident;
  open: (asked: Asked) => void;
  /** Go to a part of the page, and begin to write there. */
  show: (tab: TabKey, write?: boolean) => void;
  /** Where somebody wants to write, until that has the focus. */
  writing: TabKey | null;
  begun: () => void;
  /** Files on their way go on while other parts are looked at. */
  uploads: Uploading;
}

/** What all parts of the page are about. */
export const HereContext = createContext<Here | null>(null);

/** The incident of the page, who looks at it, and what they may do with it. */
export function useHere() {
  const here = useContext(HereContext);
  const { user } = useSession();
  const mayWrite = useMay('incidents:write', here?.incident.organization_id);
  if (here === null) throw new Error('Not on an incident’s page.');
  return {
    ...here,
    me: user.id,
    mayWrite,
    /** Tasks, observables and links change only while it is worked on; notes and evidence as long as it is one of its own. */
    mayChange: mayWrite && !['closed', 'merged'].includes(here.incident.status),
    takes: mayWrite && here.incident.status !== 'merged',
  };
}

/** State of one's own on this incident that outlives what shows it. */
export function useKept<T>(name: string, empty: T): [T, (next: T) => void] {
  const { incident, me } = useHere();
  return useKeptAs(`${me} ${incident.id} ${name}`, empty);
}

/** Gives the focus to the first field of a part once somebody wants to write there. */
export function useWriting(tab: TabKey, place: RefObject<HTMLElement | null>): void {
  const { writing, begun } = useHere();
  useEffect(() => {
    if (writing !== tab) return;
    place.current?.querySelector<HTMLElement>('textarea, input')?.focus();
    begun();
  }, [writing, tab, place, begun]);
}
