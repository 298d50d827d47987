import { useEffect, useState } from 'react';

/** Who stops for that long waits for an answer. */
const REST_MS = 200;

/** What is typed, once somebody stops typing: not every letter is a question. */
export function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}
