import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { isOff } from '@/lib/hotkeys';
import { isTyping } from '@/lib/keys';
import type { Way } from './places';

const WAITS_MS = 2_000;

/** G, and then the letter of a place, goes there. True while it waits for the letter. */
export function useGo(places: ReadonlyMap<string, Way>): boolean {
  const navigate = useNavigate();
  const [waits, setWaits] = useState(false);
  const now = useRef({ places, navigate, waits });
  now.current = { places, navigate, waits };
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (isTyping(event) || isOff(event.key)) return;
      if (!now.current.waits) {
        if (event.key !== 'g') return;
        setWaits(true);
      } else {
        if (event.key === 'Shift') return;
        setWaits(false);
        const place = now.current.places.get(event.key);
        if (place) void now.current.navigate({ to: place.path, search: place.search });
      }
      // Before the page hears it, for which the letter may mean something else.
      event.preventDefault();
      event.stopPropagation();
    }
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, []);
  useEffect(() => {
    if (!waits) return;
    const timer = setTimeout(() => setWaits(false), WAITS_MS);
    return () => clearTimeout(timer);
  }, [waits]);
  return waits;
}
