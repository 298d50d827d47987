import type { ComponentType } from 'react';
import type { Asked } from '../here';
import { AssignDialog } from './AssignDialog';
import { CloseDialog } from './CloseDialog';
import { DecideDialog } from './DecideDialog';
import { ExportDialog } from './ExportDialog';
import { FieldsDialog } from './FieldsDialog';
import { HoldDialog } from './HoldDialog';
import { LinkDialog } from './LinkDialog';
import { MergeDialog } from './MergeDialog';
import { MoveDialog } from './MoveDialog';
import { ReopenDialog } from './ReopenDialog';
import { ReportDialog } from './ReportDialog';
import { RestrictDialog } from './RestrictDialog';
import { ReviewDialog } from './ReviewDialog';
import { SplitDialog } from './SplitDialog';
import { TimesDialog } from './TimesDialog';
import { UnmergeDialog } from './UnmergeDialog';
import { WithdrawDialog } from './WithdrawDialog';

const PLAIN: Record<Exclude<Asked['ask'], 'move' | 'split'>, ComponentType<{ onLeave: () => void }>> = {
  assign: AssignDialog,
  close: CloseDialog,
  decide: DecideDialog,
  export: ExportDialog,
  fields: FieldsDialog,
  hold: HoldDialog,
  link: LinkDialog,
  merge: MergeDialog,
  reopen: ReopenDialog,
  report: ReportDialog,
  restrict: RestrictDialog,
  review: ReviewDialog,
  times: TimesDialog,
  unmerge: UnmergeDialog,
  withdraw: WithdrawDialog,
};

/** The question that is open in front of the page. */
export function Dialogs({ asked, onLeave }: { asked: Asked; onLeave: () => void }) {
  if (asked.ask === 'move') return <MoveDialog to={asked.to} onLeave={onLeave} />;
  if (asked.ask === 'split') return <SplitDialog alertIds={asked.alertIds} onLeave={onLeave} />;
  const One = PLAIN[asked.ask];
  return <One onLeave={onLeave} />;
}
