import { useState } from 'react';
import { type Difference, differences, rebased, same } from './diff';

/** What somebody else changed while one wrote; `kept` where one had changed the same, and one's own stays. */
export interface Meanwhile extends Difference {
  kept: boolean;
}

export interface Draft<T> {
  value: T;
  change: (patch: Partial<T>) => void;
  /** What saving it would change. */
  changes: readonly Difference[];
  dirty: boolean;
  meanwhile: readonly Meanwhile[];
  discard: () => void;
}

interface State<T> {
  base: T;
  revision: number;
  value: T;
  meanwhile: readonly Meanwhile[];
}

/** A saved thing while it is rewritten. When a newer version of it comes, what was written so far is put on top of it. */
export function useDraft<T extends object>(saved: T, revision: number): Draft<T> {
  const [state, setState] = useState<State<T>>({ base: saved, revision, value: saved, meanwhile: [] });
  let now = state;
  if (revision > state.revision) {
    now = met(state, saved, revision);
    setState(now);
  }
  const changes = differences(now.base, now.value);
  return {
    value: now.value,
    change: (patch) => setState((before) => ({ ...before, value: { ...before.value, ...patch } })),
    changes,
    dirty: changes.length > 0,
    meanwhile: now.meanwhile,
    discard: () => setState((before) => ({ ...before, value: before.base, meanwhile: [] })),
  };
}

/** The draft on top of a newer version. What that has in common with the draft, as after saving, is no news. */
export function met<T extends object>({ base, value }: State<T>, theirs: T, revision: number): State<T> {
  const mine = new Set(differences(base, value).map((one) => one.path));
  const news = new Set(differences(value, theirs).map((one) => one.path));
  const meanwhile = differences(base, theirs)
    .filter((one) => news.has(one.path))
    .map((one) => ({ ...one, kept: mine.has(one.path) }));
  const untouched = same(base, value);
  return { base: theirs, revision, value: rebased(base, value, theirs), meanwhile: untouched ? [] : meanwhile };
}
