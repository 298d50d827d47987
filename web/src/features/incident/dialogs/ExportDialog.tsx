import { useState } from 'react';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { Select } from '@/ui/Select';
import { useChange } from '../change';
import { download } from '../download';
import { useHere } from '../here';
import { AUDIENCES, type Audience, exported } from '../reports';

type Format = 'ecs' | 'ocsf';

/** The whole incident for programs. */
export function ExportDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const [format, setFormat] = useState<Format>('ecs');
  const [tlp, setTlp] = useState<Audience>('');
  const change = useChange<string>(incident.id, {
    inPlace: true,
    onDone: (text) => {
      download(text, `incident-${incident.number}.${format}.json`, 'application/json');
      onLeave();
    },
  });
  return (
    <FormDialog
      title={`Export #${incident.number}`}
      description="One document, marked with the strictest TLP of what is in it. That you took it is kept in the audit."
      verb="Export"
      busy={change.isPending}
      error={change.error}
      onLeave={onLeave}
      onSubmit={() =>
        change.mutate({ send: () => exported(incident.id, { format, tlp }), said: `Exported #${incident.number}` })
      }
    >
      <Select
        label="Format"
        value={format}
        options={[
          ['ecs', 'ECS (Elastic Common Schema)'],
          ['ocsf', 'OCSF (Open Cybersecurity Schema Framework)'],
        ]}
        onChange={(event) => setFormat(event.target.value as Format)}
      />
      <Select
        label="For"
        value={tlp}
        options={AUDIENCES}
        onChange={(event) => setTlp(event.target.value as Audience)}
      />
    </FormDialog>
  );
}
