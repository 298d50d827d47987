import { AssignDialog } from '@/domain/dialogs/AssignDialog';
import { TagDialog } from '@/domain/dialogs/TagDialog';
import type { To } from '@/domain/moves';
import { formatCount } from '@/lib/format';
import { CloseDialog } from './CloseDialog';
import type { Change } from './change';
import { MergeDialog } from './MergeDialog';
import { MoveDialog } from './MoveDialog';
import type { Incident } from './queries';
import { SeverityDialog } from './SeverityDialog';

/** What is asked about which incidents. */
export interface Asked {
  what: 'assign' | 'severity' | 'tag' | 'move' | 'close' | 'merge';
  rows: readonly Incident[];
  /** Where a move leads, as far as that is said already. */
  to?: To;
}

export interface AskProps {
  rows: readonly Incident[];
  /** What they are called together. */
  what: string;
  onChange: (change: Change) => void;
  onLeave: () => void;
}

interface Props {
  asked: Asked;
  onChange: (rows: readonly Incident[], change: Change) => void;
  onMerged: () => void;
  onLeave: () => void;
}

/** The question that is open. */
export function Dialogs({ asked, onChange, onMerged, onLeave }: Props) {
  const { rows, to } = asked;
  const [first] = rows;
  if (!first) return null;
  const alone = rows.length === 1;
  const asking: AskProps = {
    rows,
    what: alone ? `#${first.number} ${first.title}` : `${formatCount(rows.length)} incidents`,
    onChange: (change) => onChange(rows, change),
    onLeave,
  };
  switch (asked.what) {
    case 'assign':
      return (
        <AssignDialog
          {...asking}
          organizationId={first.organization_id}
          now={alone ? first.assignee_id : null}
          onDone={(to) => asking.onChange({ do: 'assign', to })}
        />
      );
    case 'severity':
      return <SeverityDialog {...asking} />;
    case 'tag':
      return (
        <TagDialog
          {...asking}
          tags={[...new Set(rows.flatMap((row) => row.tags))].sort()}
          onDone={(add, remove) => asking.onChange({ do: 'tag', add, remove })}
        />
      );
    case 'move':
      return <MoveDialog {...asking} to={to} />;
    case 'close':
      return <CloseDialog row={first} onLeave={onLeave} />;
    case 'merge':
      return <MergeDialog rows={rows} onMerged={onMerged} onLeave={onLeave} />;
  }
}
