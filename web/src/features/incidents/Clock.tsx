import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CirclePause, Clock3, ClockAlert, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useNow } from '@/domain/useNow';
import s from './Clock.module.css';
import { saidOf } from './clock';
import { clocksQuery, type Incident } from './queries';

const ICONS = {
  running: Clock3,
  warned: ClockAlert,
  breached: TriangleAlert,
  paused: CirclePause,
  met: CircleCheck,
};
const STEP = 15_000;
/** What is only scrolled past is not asked for. */
const REST_MS = 250;

interface Props {
  incident: Incident;
  /** Whether it is on screen. */
  on?: boolean;
  /** Where there is little room. */
  brief?: boolean;
}

/** How long there is for what comes next, or for how long that is past. */
export function ClockText({ incident, on = true, brief = false }: Props) {
  const over = incident.status === 'closed' || incident.status === 'merged';
  const rested = useRest(on && !over);
  const { data } = useQuery({ ...clocksQuery(incident), enabled: rested });
  const now = useNow(STEP);
  const told = data && !over ? saidOf(data, now) : undefined;
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

function useRest(on: boolean): boolean {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    if (!on) return;
    const timer = setTimeout(() => setRested(true), REST_MS);
    return () => clearTimeout(timer);
  }, [on]);
  return on && rested;
}
