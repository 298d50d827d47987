import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { IncidentPicker, type Pickable } from '@/domain/dialogs/IncidentPicker';
import { TextField } from '@/ui/Field';
import { Skeleton } from '@/ui/Skeleton';
import { Tabs } from '@/ui/Tabs';
import { type AnyAlert, type Offer, offersQuery } from '../queries';

/** Into which incident: one that is there, or a new one of that title. */
export type Into = { incident: Pickable } | { title: string };

interface Props {
  what: string;
  organizationId: string;
  /** The one it is about, where it is one: incidents like it are offered. */
  alert: AnyAlert | undefined;
  busy: boolean;
  /** Why it was refused. */
  error?: unknown;
  onDone: (into: Into) => void;
  onLeave: () => void;
}

const REASONS: Record<Offer['reason'], string> = {
  same_fingerprint: 'Has an alert of the same kind',
  same_rule_and_source: 'Has an alert of the same rule and source',
};

/** Which incident it goes into. One that has an alert like it is likelier than a new one. */
export function IncidentDialog({ what, organizationId, alert, onDone, ...rest }: Props) {
  const offers = useQuery({ ...offersQuery(alert?.id ?? ''), enabled: alert !== undefined });
  const likely = (offers.data ?? [])
    .filter((one) => one.status !== 'closed')
    .map((one) => ({ ...one, hint: REASONS[one.reason] }));
  const [chosen, choose] = useState<'new' | 'there'>();
  const way = chosen ?? (likely.length > 0 ? 'there' : 'new');
  const undecided = alert !== undefined && offers.isPending;
  const [title, setTitle] = useState(alert?.title ?? '');
  const [[incident], setIncident] = useState<readonly Pickable[]>([]);
  const into: Into | undefined = way === 'new' ? { title: title.trim() } : incident && { incident };
  return (
    <FormDialog
      {...rest}
      size="lg"
      title="Link to an incident"
      description={what}
      verb={way === 'new' ? 'Open incident' : incident ? `Link to #${incident.number}` : 'Link'}
      ready={way === 'new' ? title.trim() !== '' : incident !== undefined}
      onSubmit={() => into && onDone(into)}
    >
      <p className="u-subtle">Linking acknowledges what is linked, and takes it out of the queue.</p>
      <Tabs
        of="part"
        label="Which incident"
        tabs={[
          { key: 'new', label: 'New incident' },
          { key: 'there', label: 'One that is there', count: likely.length || undefined },
        ]}
        value={way}
        onChange={choose}
      >
        {undecided ? (
          <Skeleton lines={3} />
        ) : way === 'new' ? (
          <TextField
            label="Title"
            value={title}
            required
            maxLength={500}
            autoFocus
            help="Severity, times and techniques are those of its alerts."
            onChange={(event) => setTitle(event.target.value)}
          />
        ) : (
          <IncidentPicker
            one
            likely={likely}
            chosen={incident ? [incident] : []}
            onChange={setIncident}
            accepts={(row) =>
              row.organization_id === organizationId && row.status !== 'merged' && row.status !== 'closed'
            }
          />
        )}
      </Tabs>
    </FormDialog>
  );
}
