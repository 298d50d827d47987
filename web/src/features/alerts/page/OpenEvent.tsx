import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Json } from '@/domain/Json';
import { Reply } from '@/domain/Reply';
import { Moment } from '@/domain/Time';
import { Code } from '@/ui/Code';
import { Tabs } from '@/ui/Tabs';
import s from './Events.module.css';
import { flattened } from './flattened';
import { eventQuery } from './queries';

type Part = 'fields' | 'document' | 'original';

const PARTS = [
  { key: 'fields', label: 'Fields' },
  { key: 'document', label: 'Document' },
  { key: 'original', label: 'Raw record' },
] as const;

/** One event: its fields, the document made of it, and the record as its sensor sent it. */
export function OpenEvent({ id }: { id: string }) {
  const [part, setPart] = useState<Part>('fields');
  const event = useQuery(eventQuery(id, part === 'original'));
  return (
    <div className={s.open}>
      <Reply of={event}>
        {(one) => (
          <Tabs of="part" label="Event" tabs={PARTS} value={part} onChange={setPart}>
            {part === 'fields' && <Fields document={one.document} />}
            {part === 'document' && <Json label="Document" value={one.document} />}
            {part === 'original' && (
              <div className={s.original}>
                <p className="u-subtle">
                  As it was received at <Moment at={one.received_at} />
                  {one.original_encoding === 'base64' && ', in base64, for it is no text'}. The audit notes who looked.
                </p>
                {one.original === null && !event.isPlaceholderData ? (
                  <p>The record is no longer kept.</p>
                ) : (
                  <Code label="Raw record" text={pretty(one.original ?? '…')} />
                )}
              </div>
            )}
          </Tabs>
        )}
      </Reply>
    </div>
  );
}

function Fields({ document }: { document: Record<string, unknown> }) {
  return (
    <dl className={s.fields}>
      {flattened(document).map(([name, value]) => (
        <div key={name} className={s.field}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** JSON is indented to be read; all else stays as it came. */
function pretty(record: string): string {
  try {
    return JSON.stringify(JSON.parse(record), null, 2);
  } catch {
    return record;
  }
}
