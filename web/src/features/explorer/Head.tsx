import { Download, RotateCw } from 'lucide-react';
import { useState } from 'react';
import { ListHead, News } from '@/domain/list/ListPage';
import { SavedViews } from '@/domain/list/SavedViews';
import type { ViewContent } from '@/domain/list/views';
import { useMay } from '@/domain/session';
import { formatTotal } from '@/lib/format';
import { useLook } from '@/lib/look';
import { formatClock } from '@/lib/zone';
import { IconButton } from '@/ui/Button';
import { ColumnMenu } from './ColumnMenu';
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
    <ListHead
      title="Explorer"
      views={<SavedViews kind="event" builtIn={VIEWS} open={search.view} current={contentOf(search)} onOpen={onView} />}
    >
      {fresh > 0 && <News onShow={showNew}>{formatTotal(fresh)} new</News>}
      <span className="u-subtle">as of {formatClock(asOf, zone)}</span>
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
      {exporting && <ExportDialog explorer={explorer} onLeave={() => setExporting(false)} />}
    </ListHead>
  );
}
