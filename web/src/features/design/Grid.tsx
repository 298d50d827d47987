import type { GridColumn } from '@/domain/grid/columns';
import { useCursor } from '@/domain/grid/cursor';
import { DataGrid } from '@/domain/grid/DataGrid';
import { useSelection } from '@/domain/grid/selection';
import { SeverityBadge } from '@/domain/Severity';
import s from './Design.module.css';

interface Row {
  id: string;
  severity: number;
  title: string;
  risk: number;
}

const ROWS: readonly Row[] = [
  { id: 'a', severity: 5, title: 'LSASS memory read by an unsigned process', risk: 91 },
  { id: 'b', severity: 4, title: 'Encoded PowerShell spawned by Office', risk: 80 },
  { id: 'c', severity: 3, title: 'DNS tunnelling: high-entropy TXT records', risk: 54 },
  { id: 'd', severity: 2, title: 'Port scan from the workstations', risk: 32 },
  { id: 'e', severity: 1, title: 'Software installed outside of maintenance', risk: 19 },
];
const COLUMNS: readonly GridColumn<Row>[] = [
  {
    id: 'severity',
    label: 'Severity',
    width: 92,
    sort: 'severity',
    cell: (row) => <SeverityBadge severity={row.severity} />,
  },
  { id: 'title', label: 'Alert', width: 200, grow: true, cell: (row) => row.title },
  { id: 'risk', label: 'Risk', width: 60, align: 'end', sort: 'risk', leaves: 1, cell: (row) => row.risk },
];
const IDS = ROWS.map((row) => row.id);

/** The grid over rows that are not fetched. */
export function Grid() {
  const cursor = useCursor(IDS);
  const selection = useSelection();
  return (
    <div className={s.grid}>
      <DataGrid
        label="Example alerts"
        name="design"
        columns={COLUMNS}
        rows={ROWS}
        nameOf={(row) => row.title}
        total={ROWS.length}
        cursor={cursor}
        selection={selection}
        sort="-risk"
        onSort={() => undefined}
        onOpen={() => undefined}
      />
    </div>
  );
}
