import { ArrowUp, Download, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { SavedViews } from '@/domain/list/SavedViews';
import type { ViewContent } from '@/domain/list/views';
import { useMay } from '@/domain/session';
import { useLook } from '@/lib/look';
import { formatClock } from '@/lib/zone';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { ColumnMenu } from './ColumnMenu';
import { countSaid } from './count';
import s from './Explorer.module.css';
import { ExportDialog } from './ExportDialog';
import { contentOf, type ExplorerSearch } from './search';
import type { Explorer } from './useExplorer';
import { VIEWS } from './views';

interface Props {
  search: ExplorerSearch;
  explorer: Explorer;
  onView: (key: string, content: ViewContent) => void;
  onColumns: (columns: readonly string[]) => void;
}

/** Which list it is and as of when, what is new since, and what can be done with all of it. */
export function Head({ search, explorer, onView, onColumns }: Props) {
  const { zone } = useLook();
  const mayExport = useMay('exports:write');
  const [exporting, setExporting] = useState(false);
  const { asOf, fresh, total, showNew } = explorer;
  return (
    <header className={s.head}>
      <h1 className={s.title}>Explorer</h1>
      <SavedViews kind="event" builtIn={VIEWS} open={search.view} current={contentOf(search)} onOpen={onView} />
      <div className={s.beside}>
        {fresh > 0 && (
          <Button size="sm" onClick={showNew}>
            <ArrowUp size={12} aria-hidden="true" />
            {countSaid(fresh)} new<Kbd>.</Kbd>
          </Button>
        )}
        <span className={s.asOf}>as of {formatClock(asOf, zone)}</span>
        <IconButton label="Ask again" onClick={showNew}>
          <RotateCw size={14} aria-hidden="true" />
        </IconButton>
        <ColumnMenu columns={explorer.columns} onChange={onColumns} />
        {mayExport && (
          <IconButton
            label="Export events"
            disabled={!total}
            {...(!total && { title: 'There is nothing to export.' })}
            onClick={() => setExporting(true)}
          >
            <Download size={14} aria-hidden="true" />
          </IconButton>
        )}
      </div>
      {exporting && <ExportDialog explorer={explorer} onLeave={() => setExporting(false)} />}
    </header>
  );
}
