import { getRouteApi } from '@tanstack/react-router';
import { type ComponentType, Suspense } from 'react';
import { later } from '@/lib/later';
import { Skeleton } from '@/ui/Skeleton';
import { Tabs } from '@/ui/Tabs';
import { useHere } from '../here';
import type { TabKey } from '../search';
import s from './IncidentTabs.module.css';
import { OverviewTab } from './OverviewTab';

const route = getRouteApi('/app/incidents/$incidentId');

// What is read first is there first.
const PANELS: Record<TabKey, ComponentType> = {
  overview: OverviewTab,
  timeline: later(() => import('./TimelineTab'), 'TimelineTab'),
  alerts: later(() => import('./AlertsTab'), 'AlertsTab'),
  tasks: later(() => import('./TasksTab'), 'TasksTab'),
  notes: later(() => import('./NotesTab'), 'NotesTab'),
  observables: later(() => import('./ObservablesTab'), 'ObservablesTab'),
  evidence: later(() => import('./EvidenceTab'), 'EvidenceTab'),
  events: later(() => import('./EventsTab'), 'EventsTab'),
};

/** The parts of an incident, of which the URL says which is shown. */
export function IncidentTabs() {
  const { tab = 'overview' } = route.useSearch();
  const { incident, show } = useHere();
  const { counts } = incident;
  const Panel = PANELS[tab];
  return (
    <div className={s.tabs}>
      <Tabs
        of="pane"
        label="Parts of the incident"
        value={tab}
        onChange={show}
        tabs={[
          { key: 'overview', label: 'Overview' },
          { key: 'timeline', label: 'Timeline', count: counts.entries },
          { key: 'alerts', label: 'Alerts', count: counts.alerts },
          { key: 'tasks', label: 'Tasks', count: counts.open_tasks },
          { key: 'notes', label: 'Notes', count: counts.notes },
          { key: 'observables', label: 'Observables', count: counts.observables },
          { key: 'evidence', label: 'Evidence', count: counts.evidence },
          { key: 'events', label: 'Events' },
        ]}
      >
        <Suspense fallback={<Skeleton />}>
          <Panel />
        </Suspense>
      </Tabs>
    </div>
  );
}
