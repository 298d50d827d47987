import { useInfiniteQuery } from '@tanstack/react-query';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { Time } from '@/domain/Time';
import { useLook } from '@/lib/look';
import { Button } from '@/ui/Button';
import { Changes } from '@/ui/Changes';
import { Section } from '@/ui/Page';
import { type Suppression, versionsQuery } from './queries';
import s from './Suppressions.module.css';
import { differences } from './versionChanges';

/** How it read from when on, and what each version changed. */
export function Versions({ row }: { row: Suppression }) {
  const list = useInfiniteQuery(versionsQuery(row.id));
  const { zone } = useLook();
  const all = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title="Versions" beside={<span className="u-subtle">{row.revision}</span>}>
      <Reply of={list} lines={3}>
        {() => (
          <ol className={s.versions}>
            {all.map((one, at) => {
              const before = all[at + 1];
              return (
                <li key={one.revision} className={s.version}>
                  <div className={s.versionHead}>
                    <strong>Version {one.revision}</strong>
                    <Person id={one.changed_by_id} nobody="By a token or the system" />
                    <span className="u-subtle">
                      <Time at={one.created_at} />
                    </span>
                  </div>
                  {before ? (
                    <Changes
                      label={`What version ${one.revision} changed`}
                      lines={differences(before.content, one.content, zone)}
                    />
                  ) : (
                    one.revision === 1 && <p className="u-muted">Made</p>
                  )}
                </li>
              );
            })}
          </ol>
        )}
      </Reply>
      {list.hasNextPage && (
        <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </Section>
  );
}
