import type { components } from '@/api/schema';

export type Format = NonNullable<components['schemas']['SensorCreate']['format']>;

/** What senders send, by the names of those who made it; the likeliest first. */
const LABELS: Record<Format, string> = {
  suricata_eve: 'Suricata (EVE JSON)',
  wazuh4: 'Wazuh 4 alerts',
  wazuh5: 'Wazuh 5',
  zeek_json: 'Zeek logs, JSON',
  zeek_tsv: 'Zeek logs, TSV',
  falco: 'Falco',
  falcosidekick: 'Falcosidekick',
  alertmanager: 'Prometheus Alertmanager',
  crowdsec: 'CrowdSec',
  guardduty: 'AWS GuardDuty',
  aws_network_firewall: 'AWS Network Firewall',
  windows: 'Windows Event Log, JSON',
  ecs: 'Elastic Common Schema (ECS)',
  ocsf: 'OCSF',
  cef: 'CEF',
  leef: 'LEEF',
  syslog: 'Syslog',
  json: 'Any other JSON',
  text: 'Lines of text',
};

/** What stands for "no format": each record says by its shape what it is. */
export const BY_SHAPE = '';

/** For a Select; the first of them leaves it to the record. */
export const FORMAT_CHOICES: readonly (readonly [value: Format | typeof BY_SHAPE, label: string])[] = [
  [BY_SHAPE, 'Find out by each record'],
  ...(Object.entries(LABELS) as [Format, string][]),
];

export const formatLabel = (format: string | null): string =>
  format === null ? 'Found by shape' : (LABELS[format as Format] ?? format);

/** What a Select chose, as the API has it. */
export const formatOf = (chosen: string): Format | null => (chosen in LABELS ? (chosen as Format) : null);
