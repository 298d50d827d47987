import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { CellValue } from '@/domain/grid/columns';
import { Json } from '@/domain/Json';
import { Reply } from '@/domain/Reply';
import { SeverityBadge } from '@/domain/Severity';
import { IconButton } from '@/ui/Button';
import { Tabs } from '@/ui/Tabs';
import { Tag } from '@/ui/Tag';
import s from './EventDrawer.module.css';
import { EventFacts } from './EventFacts';
import { FieldTable } from './FieldTable';
import { Original } from './Original';
import { type EventDetail, eventQuery } from './queries';

interface Props {
  id: string;
  columns: readonly string[];
  onColumn: (field: string) => void;
  onFilter: (cell: CellValue, out: boolean) => void;
  onLeave: () => void;
}

/** One event, whole: where it came from and went to, each of its fields, the record it was made of. */
export function EventDrawer({ id, onLeave, ...rest }: Props) {
  const detail = useQuery(eventQuery(id));
  return (
    <aside className={s.drawer} aria-label="Event">
      <header className={s.head}>
        {detail.data && (
          <>
            <SeverityBadge severity={detail.data.severity} />
            <Tag tone={detail.data.kind === 'alert' ? 'accent' : undefined}>
              {detail.data.kind === 'alert' ? 'Detection' : 'Telemetry'}
            </Tag>
          </>
        )}
        <IconButton size="sm" label="Close the event" onClick={onLeave}>
          <X size={14} aria-hidden="true" />
        </IconButton>
      </header>
      <Reply of={detail} lines={10}>
        {(event) => <Whole event={event} {...rest} />}
      </Reply>
    </aside>
  );
}

type Part = 'fields' | 'document' | 'original';

const PARTS: readonly { key: Part; label: string }[] = [
  { key: 'fields', label: 'Fields' },
  { key: 'document', label: 'JSON' },
  { key: 'original', label: 'Raw record' },
];

function Whole({ event, ...rest }: { event: EventDetail } & Omit<Props, 'id' | 'onLeave'>) {
  const [part, setPart] = useState<Part>('fields');
  return (
    <>
      <div className={s.top}>
        <h2 className={s.title}>{titleOf(event)}</h2>
        <EventFacts event={event} />
      </div>
      <Tabs label="Parts of the event" tabs={PARTS} value={part} onChange={setPart}>
        {part === 'fields' && <FieldTable event={event} {...rest} />}
        {part === 'document' && (
          <div className={s.part}>
            <Json value={event.document} label="Document" />
          </div>
        )}
        {part === 'original' && <Original key={event.id} id={event.id} />}
      </Tabs>
    </>
  );
}

/** Its rule, or what it says of itself. */
function titleOf({ document, id }: EventDetail): string {
  const at = (parent: string, leaf: string): unknown =>
    (document[parent] as Record<string, unknown> | undefined)?.[leaf];
  const found = [at('rule', 'name'), at('alert', 'title'), document.message].find((one) => typeof one === 'string');
  return typeof found === 'string' ? found : id;
}
