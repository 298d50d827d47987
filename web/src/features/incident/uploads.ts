import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { asApiError } from '@/api/problem';
import { upload } from '@/api/upload';
import { say } from '@/ui/toast';
import { refreshIncident } from './change';
import type { Evidence } from './queries';

/** A file on its way, or one that did not get there. */
export interface Upload {
  id: number;
  file: File;
  description: string;
  share: number;
  error?: string;
}

let made = 0;

/** Files on their way to an incident, one after the other; each can be cancelled, and tried again. */
export function useUploads(incidentId: string) {
  const client = useQueryClient();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const stops = useRef(new Map<number, AbortController>());
  const patch = useCallback(
    (id: number, change: Partial<Upload>) =>
      setUploads((all) => all.map((one) => (one.id === id ? { ...one, ...change } : one))),
    [],
  );
  const drop = useCallback((id: number) => setUploads((all) => all.filter((one) => one.id !== id)), []);
  const run = useCallback(
    async ({ id, file, description }: Upload) => {
      const stop = new AbortController();
      stops.current.set(id, stop);
      const query = new URLSearchParams({ name: file.name, ...(description && { description }) });
      const path = `/api/v1/incidents/${encodeURIComponent(incidentId)}/evidence?${query.toString()}`;
      try {
        const kept = await upload<Evidence>(path, file, {
          signal: stop.signal,
          onProgress: (share) => patch(id, { share }),
        });
        drop(id);
        say({ title: `Added ${kept.name}`, description: `SHA-256 ${kept.sha256}` });
      } catch (thrown) {
        const error = asApiError(thrown);
        if (error.code === 'aborted') drop(id);
        else patch(id, { error: error.message });
      } finally {
        stops.current.delete(id);
        void refreshIncident(client, incidentId);
      }
    },
    [incidentId, client, patch, drop],
  );
  // What leaves the page would go on unseen, and could not be cancelled.
  useEffect(() => {
    const all = stops.current;
    return () => {
      for (const stop of all.values()) stop.abort();
    };
  }, []);
  return {
    uploads,
    add: (files: readonly File[], description: string) => {
      const more = files.map((file) => ({ id: ++made, file, description, share: 0 }));
      setUploads((all) => [...all, ...more]);
      void more.reduce((before, one) => before.then(() => run(one)), Promise.resolve());
    },
    cancel: (id: number) => {
      const stop = stops.current.get(id);
      if (stop) stop.abort();
      else drop(id);
    },
    again: (one: Upload) => {
      const { error: _, ...fresh } = { ...one, share: 0 };
      setUploads((all) => all.map((other) => (other.id === one.id ? fresh : other)));
      void run(fresh);
    },
  };
}

export type Uploading = ReturnType<typeof useUploads>;
