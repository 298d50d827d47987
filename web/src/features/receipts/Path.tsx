import { Check, Circle, CircleDotDashed, TriangleAlert } from 'lucide-react';
import { Time } from '@/domain/Time';
import s from './Path.module.css';
import type { Step, StepState } from './steps';

const ICONS: Record<StepState, typeof Check> = {
  done: Check,
  now: CircleDotDashed,
  ahead: Circle,
  failed: TriangleAlert,
};
const TOLD: Record<StepState, string> = { done: 'done', now: 'under way', ahead: 'not yet', failed: 'stopped' };

/** The steps of a way, one after the other. */
export function Path({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={s.path}>
      {steps.map(({ name, state, said, at }) => {
        const Icon = ICONS[state];
        return (
          <li key={name} className={s.step} data-state={state}>
            <span className={s.icon} role="img" aria-label={TOLD[state]}>
              <Icon size={13} aria-hidden="true" />
            </span>
            <div className={s.text}>
              <strong>{name}</strong>
              <p>{said}</p>
            </div>
            {at && <Time at={at} />}
          </li>
        );
      })}
    </ol>
  );
}
