import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { say } from '@/ui/toast';
import { Dialogs as Triages } from '../dialogs/Dialogs';
import type { Into } from '../dialogs/IncidentDialog';
import { SeverityDialog } from '../dialogs/SeverityDialog';
import { SuppressDialog } from '../dialogs/SuppressDialog';
import { UnlinkDialog } from '../dialogs/UnlinkDialog';
import type { AlertDetail } from '../queries';
import type { Triage } from '../triage';
import type { useTriage } from '../useTriage';
import type { Asked } from './offers';

interface Props {
  asked: Asked;
  alert: AlertDetail;
  triage: ReturnType<typeof useTriage>;
  onLeave: () => void;
}

/** The dialog of what was asked for. It stays until that is done, so that nothing typed is lost to a refusal. */
export function Dialogs({ asked, alert, triage, onLeave }: Props) {
  const linking = useLinking(alert, onLeave);
  const done = (step: Triage) => triage.mutate({ alert, triage: step }, { onSuccess: onLeave });
  if (asked === 'severity')
    return <SeverityDialog alert={alert} busy={triage.isPending} onDone={done} onLeave={onLeave} />;
  if (asked === 'suppress') return <SuppressDialog alert={alert} onLeave={onLeave} />;
  if (asked === 'incident' && alert.incident_id) return <UnlinkDialog alert={alert} onLeave={onLeave} />;
  return (
    <Triages
      asked={asked}
      what={alert.title}
      organizationId={alert.organization_id}
      alert={alert}
      busy={triage.isPending || linking.isPending}
      error={linking.error}
      onDone={done}
      onLink={linking.mutate}
      onLeave={onLeave}
    />
  );
}

function useLinking(alert: AlertDetail, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (into: Into): Promise<number> => {
      const alert_ids = [alert.id];
      if ('title' in into) {
        const body = { title: into.title, alert_ids, organization_id: alert.organization_id, restricted: false };
        return (await read(api.POST('/api/v1/incidents', { body }))).number;
      }
      const params = { path: { incident_id: into.incident.id } };
      await api.POST('/api/v1/incidents/{incident_id}/alerts', { params, body: { alert_ids } });
      return into.incident.number;
    },
    onSuccess: (number, into) => {
      say({ title: 'title' in into ? `Incident #${number} opened` : `Linked to #${number}` });
      onDone();
      // Lists stand still: their rows are read anew where they stand.
      return client.invalidateQueries({ queryKey: ['alerts'], predicate: (one) => !one.meta?.still });
    },
  });
}
