import { Reply } from '@/domain/Reply';
import { Moment, useZoneLabel } from '@/domain/Time';
import { words } from '@/lib/format';
import { NoticeDialog } from '@/ui/Dialog';
import { Table } from '@/ui/Table';
import { useHere } from '../here';
import { usePages } from '../parts/usePages';
import { custodyQuery, type Evidence } from '../queries';

/** Through whose hands a file went. */
export function CustodyDialog({ file, onLeave }: { file: Evidence; onLeave: () => void }) {
  const { incident } = useHere();
  const { rows, reply, more } = usePages(custodyQuery(incident.id, file.id));
  const zone = useZoneLabel();
  return (
    <NoticeDialog size="side" title="Custody" description={file.name} onLeave={onLeave}>
      <Reply of={reply} lines={4}>
        {() => (
          <Table
            label="Custody"
            rows={rows}
            keyOf={(row) => row.id}
            more={more}
            columns={[
              { name: `Time (${zone})`, cell: (row) => <Moment at={row.created_at} /> },
              { name: 'What', cell: (row) => words(row.action) },
              { name: 'Who', grow: true, cell: (row) => row.actor_name },
              { name: 'From', minor: true, cell: (row) => <span className="u-mono">{row.address}</span> },
            ]}
          />
        )}
      </Reply>
    </NoticeDialog>
  );
}
