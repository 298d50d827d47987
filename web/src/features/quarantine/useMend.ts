import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import { BY_SHAPE, formatOf } from '@/domain/formats';
import { say } from '@/ui/toast';
import { type Listed, type RecordDetail, recordQuery } from './queries';
import { useRequest } from './requests';
import { these } from './selection';

/** What a re-drive would read of a record. */
const readOf = ({ edited_record, record }: RecordDetail): string => (edited_record ?? record).text;

/** A record while it is mended. What was typed stays until it is kept, or given up for what somebody else made of it. */
export function useMend(record: RecordDetail) {
  const client = useQueryClient();
  const [text, setText] = useState(() => readOf(record));
  const [format, setFormat] = useState<string>(record.format ?? BY_SHAPE);
  const request = useRequest();
  const edited = text !== readOf(record);
  const other = format !== (record.format ?? BY_SHAPE);
  // Bytes that are no text stay as they are while nobody touches them.
  const bytes = edited ? { text } : {};
  const params = { path: { record_id: record.id } };
  const trying = useMutation({
    mutationFn: () =>
      read(api.POST('/api/v1/quarantine/{record_id}/try', { params, body: { ...bytes, format: formatOf(format) } })),
  });
  const keeping = useMutation({
    mutationFn: ({ revision, back = false }: { revision: number; back?: boolean }) =>
      read(
        api.PATCH('/api/v1/quarantine/{record_id}', {
          params: { ...params, header: ifMatch(revision) },
          body: back ? { text: null } : { ...bytes, ...(other && { format: formatOf(format) }) },
        }),
      ),
    onSuccess: (_, { back }) => {
      if (back) setText(record.record.text);
      return client.invalidateQueries({ queryKey: ['quarantine'] });
    },
  });
  const refused = keeping.error ? asApiError(keeping.error) : undefined;
  const theirs = refused?.status === 412 ? (refused.body as { current?: Listed }).current : undefined;
  async function takeTheirs() {
    const now = await client.fetchQuery({ ...recordQuery(record.id), staleTime: 0 });
    setText(readOf(now));
    setFormat(now.format ?? BY_SHAPE);
    keeping.reset();
  }
  async function redrive() {
    if (edited || other) await keeping.mutateAsync({ revision: record.revision });
    await request.mutateAsync({ verb: 'redrive', selection: these([record.id]) });
    say({ title: 'Re-driving the record', description: 'The indexer reads it within seconds.' });
  }
  return {
    text,
    setText,
    format,
    setFormat,
    changed: edited || other,
    trying,
    keeping,
    request,
    refused,
    theirs,
    takeTheirs: () => void takeTheirs().catch(() => undefined),
    redrive: () => void redrive().catch(() => undefined),
  };
}
