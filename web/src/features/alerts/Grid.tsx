import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef } from 'react';
import { SeverityBadge } from '@/domain/Severity';
import { StatusText } from '@/domain/Status';
import { Time } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { Checkbox } from '@/ui/Checkbox';
import s from './Grid.module.css';
import type { Alert } from './queries';

/** As many rows before the end as are fetched ahead. */
const AHEAD = 40;
const COLUMNS = ['Severity', 'Last seen (UTC)', 'Alert', 'Dataset', 'Status', 'Risk'];

interface Props {
  alerts: readonly Alert[];
  total: number | null;
  focus: number;
  selected: ReadonlySet<string>;
  busy: boolean;
  more: (() => void) | undefined;
  onFocus: (index: number) => void;
  onOpen: (index: number) => void;
  onToggle: (id: string) => void;
}

/** The rows on screen of all that were fetched. It hears no keys: those of the page are heard by the page. */
export function Grid({ alerts, total, focus, selected, busy, more, onFocus, onOpen, onToggle }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const height = useMemo(rowHeight, []);
  const rows = useVirtualizer({
    count: alerts.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => alerts[index]?.id ?? index,
    overscan: 8,
    // The bar of what is selected lies over the last rows.
    paddingEnd: selected.size > 0 ? 64 : 0,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last + AHEAD >= alerts.length) more();
  }, [more, last, alerts.length]);
  useEffect(() => rows.scrollToIndex(focus), [rows, focus]);
  return (
    <div
      className={s.grid}
      role="grid"
      aria-label="Alerts"
      aria-rowcount={(total ?? alerts.length) + 1}
      aria-multiselectable
      aria-busy={busy || undefined}
    >
      <div className={s.columns} role="row" aria-rowindex={1}>
        <div role="columnheader">
          <span className="u-visually-hidden">Selected</span>
        </div>
        {COLUMNS.map((name) => (
          <div key={name} role="columnheader" data-column={name}>
            {name}
          </div>
        ))}
      </div>
      <div ref={scroller} className={s.scroll} role="rowgroup" aria-label="Alerts" tabIndex={0}>
        <div className={s.canvas} role="presentation" style={{ height: rows.getTotalSize() }}>
          {items.map((item) => {
            const alert = alerts[item.index];
            return (
              alert && (
                <Row
                  key={item.key}
                  alert={alert}
                  index={item.index}
                  top={item.start}
                  focused={item.index === focus}
                  selected={selected.has(alert.id)}
                  onFocus={onFocus}
                  onOpen={onOpen}
                  onToggle={onToggle}
                />
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  alert: Alert;
  index: number;
  top: number;
  focused: boolean;
  selected: boolean;
  onFocus: (index: number) => void;
  onOpen: (index: number) => void;
  onToggle: (id: string) => void;
}

const Row = memo(function Row({ alert, index, top, focused, selected, onFocus, onOpen, onToggle }: RowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are heard by the page
    <div
      className={s.row}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-focus={focused ? '' : undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(index)}
      onFocus={() => onFocus(index)}
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the box is none on the row */}
      <div role="gridcell" onClick={(event) => event.stopPropagation()}>
        <Checkbox
          aria-label={`Select ${alert.title}`}
          checked={selected}
          tabIndex={-1}
          onChange={() => onToggle(alert.id)}
        />
      </div>
      <div role="gridcell">
        <SeverityBadge severity={alert.severity} />
      </div>
      <div role="gridcell">
        <Time at={alert.last_seen} />
      </div>
      <div role="gridcell" className={s.name}>
        {alert.title}
        {alert.count > 1 && <span className={s.times}>×{formatCount(alert.count)}</span>}
      </div>
      <div role="gridcell" className={s.dataset}>
        {alert.dataset}
      </div>
      <div role="gridcell">
        <StatusText status={alert.status} />
      </div>
      <div role="gridcell" className={s.risk}>
        {alert.risk}
      </div>
    </div>
  );
});

function rowHeight(): number {
  return Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue('--row-height'), 10) || 34;
}
