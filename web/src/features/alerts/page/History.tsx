import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Person } from '@/domain/Person';
import { usePerson } from '@/domain/people';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { Moment, Time } from '@/domain/Time';
import { Button } from '@/ui/Button';
import { Section } from '@/ui/Page';
import type { AlertDetail } from '../queries';
import { actionWords, changesOf, milestones } from './changes';
import s from './History.module.css';
import { historyQuery } from './queries';

/** Who changed what: all of it for those who may see the audit, for others what the alert itself tells. */
export function History({ alert }: { alert: AlertDetail }) {
  const whole = useMay('audit:read', alert.organization_id);
  return <Section title="History">{whole ? <Audit alert={alert} /> : <Milestones alert={alert} />}</Section>;
}

function Milestones({ alert }: { alert: AlertDetail }) {
  return (
    <ol className={s.history}>
      {milestones(alert).map((one) => (
        <Entry key={one.title} at={one.at} title={one.title}>
          {one.by && <Person id={one.by} />}
        </Entry>
      ))}
    </ol>
  );
}

function Audit({ alert }: { alert: AlertDetail }) {
  const list = useInfiniteQuery(historyQuery(alert.id));
  return (
    <Reply of={list} lines={4}>
      {({ pages }) => (
        <ol className={s.history}>
          {pages
            .flatMap((page) => page.items)
            .map((one) => (
              <Entry key={one.id} at={one.created_at} title={actionWords(one.action)} by={one.actor_name}>
                {changesOf(one.changes).map(({ name, kind, before, after }) => (
                  <p key={name} className={s.change}>
                    {name}:{' '}
                    <s>
                      <Value kind={kind} said={before} />
                    </s>{' '}
                    →{' '}
                    <ins>
                      <Value kind={kind} said={after} />
                    </ins>
                  </p>
                ))}
              </Entry>
            ))}
          {list.hasNextPage && (
            <li>
              <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Show more
              </Button>
            </li>
          )}
          {!alert.created_by_id && <Entry at={alert.created_at} title="Opened" />}
        </ol>
      )}
    </Reply>
  );
}

function Value({ kind, said }: { kind: 'person' | 'moment' | 'text'; said: string }) {
  const name = usePerson(kind === 'person' && said !== 'none' ? said : null);
  if (kind === 'moment' && said !== 'none') return <Moment at={said} />;
  return <>{name ?? said}</>;
}

function Entry({ at, title, by, children }: { at: string; title: string; by?: string; children?: ReactNode }) {
  return (
    <li className={s.entry}>
      <span className={s.title}>
        {title}
        {by && <span className="u-muted"> by {by}</span>}
      </span>
      <span className="u-subtle">
        <Time at={at} />
      </span>
      {children}
    </li>
  );
}
