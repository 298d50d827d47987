import { useQuery } from '@tanstack/react-query';
import { ZoomOut } from 'lucide-react';
import { useMemo, useState } from 'react';
import { type Range as Edges, Histogram } from '@/domain/Histogram';
import type { Series } from '@/domain/HistogramParts';
import type { Range } from '@/domain/list/range';
import { formatCount } from '@/lib/format';
import { IconButton } from '@/ui/Button';
import s from './Explorer.module.css';
import { type Asked, histogramQuery } from './queries';
import { wider } from './search';

const SERIES: readonly Series[] = [
  { key: 'alert', label: 'Detections', tone: 'accent' },
  { key: 'telemetry', label: 'Telemetry', tone: 'info' },
];

interface Props {
  asked: Asked;
  total: number | null;
  /** It ends now, whenever that is. */
  live: boolean;
  onRange: (range: Range) => void;
}

/** How much there was when, of what kind. What is drawn in it becomes the range. */
export function Volume({ asked, total, live, onRange }: Props) {
  const { data, isError, refetch } = useQuery(histogramQuery(asked));
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
  // The list goes on without it.
  if (isError && !data)
    return (
      <p className={s.none}>
        Volume cannot be counted now.{' '}
        <button type="button" className="u-link" onClick={() => void refetch()}>
          Try again
        </button>
      </p>
    );
  return (
    <div className={s.volume}>
      <Summary counts={buckets.map((one) => one.counts)} total={total} />
      <Histogram
        buckets={buckets}
        intervalMs={intervalMs}
        range={drawn}
        onRange={setDrawn}
        onDone={choose}
        of="Events"
        series={SERIES}
      />
      <IconButton size="sm" label="Widen the range" onClick={widen}>
        <ZoomOut size={14} aria-hidden="true" />
      </IconButton>
    </div>
  );
}

/** The whole by the histogram, which counts further than lists do. */
function Summary({ counts, total }: { counts: readonly { alert: number; telemetry: number }[]; total: number | null }) {
  const sum = (kind: 'alert' | 'telemetry') => counts.reduce((all, one) => all + one[kind], 0);
  const [alert, telemetry] = [sum('alert'), sum('telemetry')];
  return (
    <dl className={s.summary}>
      <dt>Events</dt>
      <dd className={s.whole}>
        {counts.length > 0 ? formatCount(alert + telemetry) : total !== null && formatCount(total)}
      </dd>
      <dt data-kind="alert">Detections</dt>
      <dd>{formatCount(alert)}</dd>
      <dt data-kind="telemetry">Telemetry</dt>
      <dd>{formatCount(telemetry)}</dd>
    </dl>
  );
}
