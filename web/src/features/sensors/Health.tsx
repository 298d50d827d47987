import { CircleAlert, CircleCheck, CircleDashed, CirclePause, TriangleAlert } from 'lucide-react';
import { Tag } from '@/ui/Tag';
import { HEALTH, type Health } from './healthOf';

const ICONS: Record<Health, typeof CircleCheck> = {
  disabled: CirclePause,
  waiting: CircleDashed,
  silent: CircleAlert,
  unstored: TriangleAlert,
  stopped: CircleDashed,
  failing: TriangleAlert,
  well: CircleCheck,
};

/** How a sensor is, by shape, word and colour. */
export function HealthTag({ health }: { health: Health }) {
  const { label, tone, why } = HEALTH[health];
  const Icon = ICONS[health];
  return (
    <span title={why}>
      <Tag tone={tone}>
        <Icon size={11} aria-hidden="true" />
        {label}
      </Tag>
    </span>
  );
}
