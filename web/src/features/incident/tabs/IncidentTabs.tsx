import { getRouteApi } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { Tabs } from '@/ui/Tabs';
import { useHere } from '../here';
import type { TabKey } from '../search';
import { AlertsTab } from './AlertsTab';
import { EventsTab } from './EventsTab';
import { EvidenceTab } from './EvidenceTab';
import s from './IncidentTabs.module.css';
import { NotesTab } from './NotesTab';
import { ObservablesTab } from './ObservablesTab';
import { OverviewTab } from './OverviewTab';
import { TasksTab } from './TasksTab';
import { TimelineTab } from './TimelineTab';

const route = getRouteApi('/app/incidents/$incidentId');

const PANELS: Record<TabKey, ComponentType> = {
  overview: OverviewTab,
  timeline: TimelineTab,
  alerts: AlertsTab,
  tasks: TasksTab,
  notes: NotesTab,
  observables: ObservablesTab,
  evidence: EvidenceTab,
  events: EventsTab,
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
        <div className={s.panel}>
          <Panel />
        </div>
      </Tabs>
    </div>
  );
}
