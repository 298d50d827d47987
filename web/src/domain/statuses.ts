export type AlertStatus = 'new' | 'acknowledged' | 'in_progress' | 'closed' | 'suppressed';

/** From the first to the last. */
export const STATUSES: readonly AlertStatus[] = ['new', 'acknowledged', 'in_progress', 'closed', 'suppressed'];

const LABELS: Record<AlertStatus, string> = {
  new: 'New',
  acknowledged: 'Acknowledged',
  in_progress: 'In progress',
  closed: 'Closed',
  suppressed: 'Suppressed',
};

export const statusLabel = (status: AlertStatus): string => LABELS[status];
