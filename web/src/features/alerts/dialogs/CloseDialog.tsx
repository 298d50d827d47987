import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { VerdictFields, verdictOf } from '@/domain/dialogs/VerdictFields';
import type { Verdict } from '@/domain/verdict';
import { TextArea } from '@/ui/Field';

interface Props {
  /** What it is done to: an alert's title, or how many. */
  what: string;
  organizationId: string;
  busy: boolean;
  onDone: (closing: { verdict: Verdict; reason: string; note: string | null }) => void;
  onLeave: () => void;
}

/** What it turned out to be, and why. */
export function CloseDialog({ what, organizationId, busy, onDone, onLeave }: Props) {
  return (
    <FormDialog
      title="Close"
      description={what}
      verb="Close"
      busy={busy}
      onSubmit={(form) => onDone({ ...verdictOf(form), note: given(form, 'note') || null })}
      onLeave={onLeave}
    >
      <VerdictFields organizationId={organizationId} />
      <TextArea label="Note" name="note" rows={3} maxLength={20_000} />
    </FormDialog>
  );
}
