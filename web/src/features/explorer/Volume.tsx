import { ZoomOut } from 'lucide-react';
import { useMemo, useState } from 'react';
import { asApiError } from '@/api/problem';
import { type Range as Edges, Histogram } from '@/domain/Histogram';
import type { Series } from '@/domain/HistogramParts';
import { Band, NoVolume } from '@/domain/list/ListPage';
import type { Range } from '@/domain/list/range';
import { formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { wider } from './search';
import type { Explorer } from './useExplorer';
import s from './Volume.module.css';

const SERIES: readonly Series[] = [
  { key: 'alert', label: 'Detections', tone: 'accent' },
  { key: 'telemetry', label: 'Telemetry', tone: 'info' },
];

interface Props {
  explorer: Explorer;
  /** It ends now, whenever that is. */
  live: boolean;
  onRange: (range: Range) => void;
}

/** How much there was when, of what kind. What is drawn in it becomes the range. */
export function Volume({ explorer, live, onRange }: Props) {
  const { asked, volume } = explorer;
  const { data, isError, error, refetch } = volume;
  const [drawn, setDrawn] = useState<Edges | null>(null);
  const buckets = useMemo(
    () => (data?.buckets ?? []).map(({ start, ...counts }) => ({ start: Date.parse(start), counts })),
    [data],
  );
  const intervalMs = (data?.interval_seconds ?? 0) * 1000;
  function choose(range: Edges | null) {
    setDrawn(null);
    if (!range) return;
    const at = (edge: number) => new Date((buckets[0]?.start ?? 0) + edge * intervalMs).toISOString();
    onRange({ from: at(range[0]), to: at(range[1]) });
  }
  function widen() {
    const { from, to } = wider(asked, Date.now());
    onRange(live ? { from } : { from, to });
  }
  // What is wrong with a query is said at the query.
  if (isError && !data) return asApiError(error).status === 422 ? null : <NoVolume onRetry={() => void refetch()} />;
  return (
    <Band stale={volume.isPlaceholderData}>
      <div className={s.figures}>
        <Summary explorer={explorer} />
        <Button size="sm" variant="ghost" onClick={widen}>
          <ZoomOut size={13} aria-hidden="true" />
          Widen the range
        </Button>
      </div>
      <Histogram
        buckets={buckets}
        intervalMs={intervalMs}
        range={drawn}
        onRange={setDrawn}
        onDone={choose}
        of="Events"
        series={SERIES}
      />
    </Band>
  );
}

function Summary({ explorer: { counts, whole } }: { explorer: Explorer }) {
  return (
    <dl className={s.summary}>
      <dt>Events</dt>
      <dd className={s.whole}>{whole ?? '…'}</dd>
      <dt data-kind="alert">Detections</dt>
      <dd>{counts && formatCount(counts.alert)}</dd>
      <dt data-kind="telemetry">Telemetry</dt>
      <dd>{counts && formatCount(counts.telemetry)}</dd>
    </dl>
  );
}
