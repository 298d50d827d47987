import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMay } from '@/domain/session';
import { Technique } from '@/domain/Technique';
import { Moment } from '@/domain/Time';
import { oneOf } from '@/lib/query';
import { CopyButton } from '@/ui/Code';
import { KeyValue } from '@/ui/KeyValue';
import { Row, Section } from '@/ui/Page';
import { Tag } from '@/ui/Tag';
import type { AlertDetail } from '../queries';
import { incidentQuery, sensorQuery } from './queries';

/** What else is known of the alert, and where it leads. */
export function Details({ alert }: { alert: AlertDetail }) {
  const { rule_id: rule, incident_id: incident, sensor_id: sensor, techniques, tags } = alert;
  return (
    <Section title="Details">
      <KeyValue
        facts={[
          ['Incident', incident && <IncidentLink id={incident} organizationId={alert.organization_id} />],
          [
            'Rule',
            rule && (
              <Link to="/alerts" search={{ query: oneOf('rule.id', [rule]) }} className="u-link">
                <span className="u-mono">{rule}</span>
              </Link>
            ),
          ],
          ['Sensor', sensor && <SensorLink id={sensor} organizationId={alert.organization_id} />],
          [
            'Dataset',
            <span key="dataset" className="u-mono">
              {alert.dataset}
            </span>,
          ],
          [
            'ATT&CK',
            techniques.length > 0 && (
              <Row>
                {techniques.map((id) => (
                  <Technique key={id} id={id} />
                ))}
              </Row>
            ),
          ],
          [
            'Tags',
            tags.length > 0 && (
              <Row>
                {tags.map((tag) => (
                  <Tag key={tag}>{tag}</Tag>
                ))}
              </Row>
            ),
          ],
          [
            'Snoozed',
            alert.snoozed_until && (
              <>
                For you, until <Moment at={alert.snoozed_until} />
              </>
            ),
          ],
          [
            'Quiet',
            alert.quiet_until && Date.parse(alert.quiet_until) > Date.now() && (
              <>
                Opens nothing new, unless more severe, until <Moment at={alert.quiet_until} />
              </>
            ),
          ],
          ['Hidden', alert.hidden > 0 && <Hidden alert={alert} />],
          [
            'Id',
            <Row key="id">
              <span className="u-mono u-cut" title={alert.id}>
                {alert.id.slice(0, 8)}…
              </span>
              <CopyButton text={alert.id} label="Copy the alert’s id" />
            </Row>,
          ],
        ].map(([name, value]) => [name as string, value || null] as const)}
      />
    </Section>
  );
}

function Hidden({ alert }: { alert: AlertDetail }) {
  return (
    <Row>
      {alert.hidden_alert_ids.map((id, at) => (
        <Link key={id} to="/alerts/$alertId" params={{ alertId: id }} className="u-link">
          Hidden events {alert.hidden_alert_ids.length > 1 ? at + 1 : ''}
        </Link>
      ))}
    </Row>
  );
}

function IncidentLink({ id, organizationId }: { id: string; organizationId: string }) {
  const may = useMay('incidents:read', organizationId);
  const { data } = useQuery({ ...incidentQuery(id), enabled: may });
  if (!may) return <>In an incident</>;
  return (
    <Link to="/incidents/$incidentId" params={{ incidentId: id }} className="u-link">
      {data ? `#${data.number} ${data.title}` : 'The incident'}
    </Link>
  );
}

function SensorLink({ id, organizationId }: { id: string; organizationId: string }) {
  const may = useMay('sensors:read', organizationId);
  const { data } = useQuery({ ...sensorQuery(id), enabled: may });
  if (!may) return null;
  return (
    <Link to="/sensors/$sensorId" params={{ sensorId: id }} className="u-link">
      {data?.name ?? 'The sensor'}
    </Link>
  );
}
