import type { components } from '@/api/schema';

export type IncidentStatus = components['schemas']['Status'];

const LABELS: Record<IncidentStatus, string> = {
  open: 'Open',
  investigating: 'Investigating',
  contained: 'Contained',
  on_hold: 'On hold',
  resolved: 'Resolved',
  closed: 'Closed',
  merged: 'Merged',
};

export const incidentStatusLabel = (status: IncidentStatus): string => LABELS[status];
