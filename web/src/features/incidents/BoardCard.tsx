import { Link } from '@tanstack/react-router';
import { EllipsisVertical, Lock, Siren } from 'lucide-react';
import { type IncidentStatus, incidentStatusLabel } from '@/domain/incident';
import { SeverityBadge } from '@/domain/Severity';
import { Tlp } from '@/domain/Tlp';
import { formatCount } from '@/lib/format';
import { IconButton } from '@/ui/Button';
import { Menu, type MenuItem } from '@/ui/Menu';
import { Tag } from '@/ui/Tag';
import s from './Board.module.css';
import { ClockText } from './Clock';
import { Marks, Owner } from './columns';
import type { Incident } from './queries';

interface Props {
  row: Incident;
  column: IncidentStatus;
  me: string;
  /** Tab comes to it. */
  first: boolean;
  dragged: boolean;
  draggable: boolean;
  menu: readonly (MenuItem | 'line')[];
  onDrag: (row: Incident | undefined) => void;
  onFocus: () => void;
}

/** An incident on the board. Its keys are heard by the board; its menu does what dragging does. */
export function BoardCard({ row, column, me, first, dragged, draggable, menu, onDrag, onFocus }: Props) {
  const name = `#${row.number} ${row.title}`;
  return (
    <li>
      <article
        className={s.card}
        aria-label={name}
        data-card={row.id}
        data-dragged={dragged ? '' : undefined}
        tabIndex={first ? 0 : -1}
        draggable={draggable}
        onFocus={onFocus}
        onDragStart={(event) => {
          event.dataTransfer.effectAllowed = 'move';
          event.dataTransfer.setData('text/plain', name);
          onDrag(row);
        }}
        onDragEnd={() => onDrag(undefined)}
      >
        <div className={s.top}>
          <SeverityBadge severity={row.severity} />
          <span className={s.number}>#{row.number}</span>
          {row.restricted && <Lock size={12} role="img" aria-label="Restricted: seen by its members alone" />}
          <span className={s.menu}>
            <Menu
              items={menu}
              trigger={
                <IconButton size="sm" label={`Actions of #${row.number}`}>
                  <EllipsisVertical size={14} aria-hidden="true" />
                </IconButton>
              }
            />
          </span>
        </div>
        <Link
          to="/incidents/$incidentId"
          params={{ incidentId: row.id }}
          className={s.title}
          tabIndex={-1}
          draggable={false}
        >
          {row.title}
        </Link>
        <CardMarks row={row} column={column} />
        <div className={s.bottom}>
          <ClockText incident={row} brief />
          {row.alerts_count > 0 && (
            <span className={s.alerts} title="Alerts">
              <Siren size={12} aria-hidden="true" />
              {formatCount(row.alerts_count)}
              <span className="u-visually-hidden"> alerts</span>
            </span>
          )}
          <span className={s.owner} data-nobody={row.assignee_id === null ? '' : undefined}>
            <Owner id={row.assignee_id} me={me} />
          </span>
        </div>
      </article>
    </li>
  );
}

function CardMarks({ row, column }: { row: Incident; column: IncidentStatus }) {
  const usual = row.tlp === 'amber';
  const elsewhere = row.status !== column;
  if (usual && !elsewhere && row.tags.length === 0 && !row.review && !row.legal_hold) return null;
  return (
    <div className={s.marks}>
      {elsewhere && <Tag tone="accent">Now {incidentStatusLabel(row.status).toLowerCase()}</Tag>}
      <Marks row={row} />
      {!usual && <Tlp level={row.tlp} />}
      {row.tags.slice(0, 3).map((tag) => (
        <Tag key={tag}>{tag}</Tag>
      ))}
    </div>
  );
}
