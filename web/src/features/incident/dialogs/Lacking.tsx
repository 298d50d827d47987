import { Button } from '@/ui/Button';
import { type Asked, useHere } from '../here';
import type { Missing } from '../queries';
import type { TabKey } from '../search';
import s from './Lacking.module.css';

/** Where each thing that closing needs is put right. */
const PLACES: Record<Missing['kind'], { what: (name: string) => string; tab: TabKey; ask?: Asked }> = {
  summary: { what: () => 'A summary', tab: 'overview' },
  field: { what: (name) => `The field “${name}”`, tab: 'overview', ask: { ask: 'fields' } },
  task: { what: (name) => `The required task “${name}”`, tab: 'tasks' },
};

/** What closing still needs, each with the way there. */
export function Lacking({ missing, onLeave }: { missing: readonly Missing[]; onLeave: () => void }) {
  const { show, open } = useHere();
  return (
    <section aria-label="Still missing">
      <p className={s.head}>Before it can be closed it still needs:</p>
      <ul className={s.list}>
        {missing.map((one) => {
          const { what, tab, ask } = PLACES[one.kind];
          return (
            <li key={`${one.kind} ${one.id ?? one.name}`} className={s.one}>
              <span>{what(one.name)}</span>
              <Button
                size="sm"
                onClick={() => {
                  onLeave();
                  show(tab, one.kind === 'summary');
                  if (ask) open(ask);
                }}
              >
                {one.kind === 'task' ? 'Go to tasks' : one.kind === 'field' ? 'Fill it in' : 'Write it'}
              </Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
