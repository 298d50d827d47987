import { useState } from 'react';

/** What was typed and is not saved yet, for as long as the application is open: leaving a tab or the page loses none. */
const kept = new Map<string, unknown>();

/** State that outlives what shows it. `key` names whose it is, and of what; the same while it is shown. */
export function useKept<T>(key: string, empty: T): [T, (next: T) => void] {
  const [value, setValue] = useState<T>(() => (kept.has(key) ? (kept.get(key) as T) : empty));
  return [
    value,
    (next) => {
      if (next === empty) kept.delete(key);
      else kept.set(key, next);
      setValue(next);
    },
  ];
}
