import { useEffect, useSyncExternalStore } from 'react';

const URL = '/api/v1/stream';
/** After a cut the browser tries once by itself; from then on it is tried again every few seconds. */
const AGAIN_MS = 5_000;

export type Liveness = 'connecting' | 'live' | 'offline';

/** What changed: rows of a kind, or `reset` where something may have been missed. */
export type Change = { kind: string; ids: readonly string[] } | 'reset';

type Hear = (change: Change) => void;

const hearing = new Set<Hear>();
const watching = new Set<() => void>();
let liveness: Liveness = 'connecting';
let source: EventSource | undefined;
let again: ReturnType<typeof setTimeout> | undefined;

function become(next: Liveness): void {
  if (liveness === next) return;
  liveness = next;
  for (const each of watching) each();
}

function tell(change: Change): void {
  for (const each of hearing) each(change);
}

function connect(): void {
  // Tests have none.
  if (typeof EventSource === 'undefined') {
    become('offline');
    return;
  }
  become(liveness === 'live' ? 'live' : 'connecting');
  source = new EventSource(URL, { withCredentials: true });
  let opened = false;
  source.onopen = () => {
    // What happened while nobody listened is not known.
    if (liveness === 'offline') tell('reset');
    opened = true;
    become('live');
  };
  source.addEventListener('changed', (message: MessageEvent<string>) => tell(JSON.parse(message.data) as Change));
  source.addEventListener('reset', () => tell('reset'));
  source.onerror = () => {
    // A stream ends after ten minutes, and the browser goes on at once. Where it cannot, it would try ten times a second.
    if (opened && source?.readyState !== EventSource.CLOSED) {
      opened = false;
      return;
    }
    source?.close();
    become('offline');
    again = setTimeout(connect, AGAIN_MS * (0.5 + Math.random()));
  };
}

function disconnect(): void {
  clearTimeout(again);
  source?.close();
  source = undefined;
  liveness = 'connecting';
}

let holding = 0;

/** One connection, for as long as anybody needs it. */
function hold(): () => void {
  if (holding === 0) connect();
  holding += 1;
  return () => {
    holding -= 1;
    if (holding === 0) disconnect();
  };
}

// The same function at each rendering: another one would cut the connection and make it anew.
function watch(changed: () => void): () => void {
  const leave = hold();
  watching.add(changed);
  return () => {
    watching.delete(changed);
    leave();
  };
}

/** Whether changes are heard. */
export function useLiveness(): Liveness {
  return useSyncExternalStore(watch, () => liveness);
}

/** Hear of changes. `hear` has to stay the same between renderings. */
export function useChanges(hear: Hear): void {
  useEffect(() => {
    const leave = hold();
    hearing.add(hear);
    return () => {
      hearing.delete(hear);
      leave();
    };
  }, [hear]);
}
