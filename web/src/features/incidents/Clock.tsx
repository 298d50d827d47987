import { CircleCheck, CirclePause, Clock3, ClockAlert, TriangleAlert } from 'lucide-react';
import { useNow } from '@/domain/useNow';
import s from './Clock.module.css';
import { saidOf } from './clockWords';
import type { Incident } from './queries';

const ICONS = {
  running: Clock3,
  warned: ClockAlert,
  breached: TriangleAlert,
  paused: CirclePause,
  met: CircleCheck,
};
const STEP = 15_000;

interface Props {
  incident: Incident;
  /** Where there is little room. */
  brief?: boolean;
}

/** How long there is for what comes next, or for how long that is past. */
export function ClockText({ incident, brief = false }: Props) {
  const over = incident.status === 'closed' || incident.status === 'merged';
  const now = useNow(STEP);
  const told = over ? undefined : saidOf(incident.clocks ?? [], now);
  if (!told) return null;
  const Icon = ICONS[told.state];
  return (
    <span
      className={s.clock}
      data-state={told.state}
      title={[`${told.name}: ${told.said}`, told.more].filter(Boolean).join(', ')}
    >
      <Icon size={13} aria-hidden="true" />
      <span className={s.said}>
        <span className={s.name}>{told.name}</span> {brief ? told.said.replace(' left', '') : told.said}
      </span>
    </span>
  );
}
