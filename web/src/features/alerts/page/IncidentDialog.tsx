import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { Reply } from '@/domain/Reply';
import { SeverityBadge } from '@/domain/Severity';
import { words } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Stack } from '@/ui/Page';
import { Tabs } from '@/ui/Tabs';
import { say } from '@/ui/toast';
import type { AlertDetail } from '../queries';
import s from './IncidentDialog.module.css';
import { type Incident, incidentQuery, incidentsQuery, type Offer, offersQuery } from './queries';

type Way = 'offers' | 'search' | 'new';
type Linking = { incident: Pick<Incident, 'id' | 'number'> } | { title: string };

interface Props {
  alert: AlertDetail;
  onLeave: () => void;
}

/** Into an incident: one it is like, one that is found, or a new one. */
export function IncidentDialog({ alert, onLeave }: Props) {
  const [way, setWay] = useState<Way>('offers');
  const offers = useQuery(offersQuery(alert.id));
  const linking = useLinking(alert, onLeave);
  const link = (incident: Pick<Incident, 'id' | 'number'>) => linking.mutate({ incident });
  return (
    <Dialog title="Link to an incident" description={alert.title} size="lg" onLeave={onLeave}>
      <p className="u-subtle">Linking acknowledges the alert, and takes it out of the queue.</p>
      <Tabs
        label="Which incident"
        tabs={[
          { key: 'offers', label: 'Like this one', count: offers.data?.length },
          { key: 'search', label: 'Search' },
          { key: 'new', label: 'New incident' },
        ]}
        value={way}
        onChange={setWay}
      >
        <div className={s.panel}>
          {way === 'offers' && (
            <Reply of={offers} lines={3}>
              {(all) =>
                all.length > 0 ? (
                  <Found incidents={all} busy={linking.isPending} onLink={link} />
                ) : (
                  <p className="u-subtle">
                    No incident of the last days has an alert like this one. Search, or open a new one.
                  </p>
                )
              }
            </Reply>
          )}
          {way === 'search' && <Search busy={linking.isPending} onLink={link} />}
          {way === 'new' && (
            <NewIncident title={alert.title} busy={linking.isPending} onOpen={(title) => linking.mutate({ title })} />
          )}
        </div>
      </Tabs>
      {linking.isError && <Banner tone="danger">{asApiError(linking.error).message}</Banner>}
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
      </DialogActions>
    </Dialog>
  );
}

function Search({ busy, onLink }: { busy: boolean; onLink: (incident: Incident) => void }) {
  const [typed, setTyped] = useState('');
  const [query, setQuery] = useState<string>();
  const found = useQuery(incidentsQuery(query));
  function submit(event: FormEvent) {
    event.preventDefault();
    setQuery(typed.trim() || undefined);
  }
  return (
    <Stack gap="sm">
      <form className={s.search} onSubmit={submit}>
        <TextField
          label="Words of its title, or a query"
          value={typed}
          autoFocus
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit" size="lg" busy={found.isFetching}>
          Search
        </Button>
      </form>
      <Reply of={found} lines={3}>
        {({ items }) =>
          items.length > 0 ? (
            <Found incidents={items.filter((one) => one.status !== 'merged')} busy={busy} onLink={onLink} />
          ) : (
            <p className="u-subtle">{query ? 'No incident is found by this.' : 'No incident is unfinished.'}</p>
          )
        }
      </Reply>
    </Stack>
  );
}

interface FoundProps<T> {
  incidents: readonly T[];
  busy: boolean;
  onLink: (incident: T) => void;
}

function Found<T extends Incident | Offer>({ incidents, busy, onLink }: FoundProps<T>) {
  return (
    <ul>
      {incidents.map((one) => (
        <li key={one.id} className={s.line}>
          <SeverityBadge severity={one.severity} />
          <span className={s.title}>
            <span className="u-subtle">#{one.number}</span> {one.title}
            <span className={s.hint}>
              {words(one.status)}
              {'alert_id' in one && ` · ${REASONS[one.reason]}`}
            </span>
          </span>
          <Button
            size="sm"
            disabled={busy || one.status === 'closed'}
            title={one.status === 'closed' ? 'It is closed; reopen it first' : undefined}
            onClick={() => onLink(one)}
          >
            Link<span className="u-visually-hidden"> to #{one.number}</span>
          </Button>
        </li>
      ))}
    </ul>
  );
}

const REASONS: Record<Offer['reason'], string> = {
  same_fingerprint: 'has an alert of the same kind',
  same_rule_and_source: 'has an alert of the same rule and source',
};

function NewIncident({ title, busy, onOpen }: { title: string; busy: boolean; onOpen: (title: string) => void }) {
  const [own, setOwn] = useState(title);
  function submit(event: FormEvent) {
    event.preventDefault();
    onOpen(own.trim());
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextField
          label="Title"
          value={own}
          required
          maxLength={200}
          autoFocus
          help="Severity, times and techniques are those of the alert."
          onChange={(event) => setOwn(event.target.value)}
        />
        <DialogActions>
          <Button type="submit" variant="primary" busy={busy} disabled={!own.trim()}>
            Open incident
          </Button>
        </DialogActions>
      </Stack>
    </form>
  );
}

function useLinking(alert: AlertDetail, onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (to: Linking): Promise<Pick<Incident, 'number'>> => {
      if ('title' in to)
        return read(
          api.POST('/api/v1/incidents', {
            body: { title: to.title, alert_ids: [alert.id], organization_id: alert.organization_id, restricted: false },
          }),
        );
      await api.POST('/api/v1/incidents/{incident_id}/alerts', {
        params: { path: { incident_id: to.incident.id } },
        body: { alert_ids: [alert.id] },
      });
      return to.incident;
    },
    onSuccess: ({ number }, to) => {
      say({ title: 'title' in to ? `Incident #${number} opened` : `Linked to #${number}` });
      onDone();
      return client.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
}

/** Out of its incident again. */
export function UnlinkDialog({ alert, onLeave }: Props) {
  const client = useQueryClient();
  const incidentId = alert.incident_id ?? '';
  const { data } = useQuery(incidentQuery(incidentId));
  const [reason, setReason] = useState('');
  const named = data ? `#${data.number}` : 'the incident';
  const unlinking = useMutation({
    mutationFn: () =>
      api.POST('/api/v1/incidents/{incident_id}/alerts/unlink', {
        params: { path: { incident_id: incidentId } },
        body: { alert_ids: [alert.id], reason: reason.trim() || null },
      }),
    onSuccess: () => {
      say({ title: `Unlinked from ${named}` });
      onLeave();
      return client.invalidateQueries({ queryKey: ['alerts'] });
    },
  });
  return (
    <Dialog title={`Unlink from ${named}`} description={data?.title ?? alert.title} onLeave={onLeave}>
      <p className="u-muted">The alert is in the queue again. What was copied of its events stays with the incident.</p>
      <TextField
        label="Why"
        value={reason}
        maxLength={2000}
        autoFocus
        onChange={(event) => setReason(event.target.value)}
      />
      {unlinking.isError && <Banner tone="danger">{asApiError(unlinking.error).message}</Banner>}
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
        <Button variant="danger" busy={unlinking.isPending} onClick={() => unlinking.mutate()}>
          Unlink alert
        </Button>
      </DialogActions>
    </Dialog>
  );
}
