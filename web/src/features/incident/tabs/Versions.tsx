import { Markdown } from '@/domain/Markdown';
import { Reply } from '@/domain/Reply';
import { Time } from '@/domain/Time';
import { Button } from '@/ui/Button';
import { NoticeDialog } from '@/ui/Dialog';
import { usePages } from '../parts/usePages';
import type { ListOf, Version } from '../queries';
import s from './Versions.module.css';

interface Props {
  title: string;
  query: ListOf<Version>;
  onLeave: () => void;
}

/** How a text read before, and by whom it was changed. */
export function Versions({ title, query, onLeave }: Props) {
  const { rows, reply, more } = usePages(query);
  return (
    <NoticeDialog size="side" title={title} onLeave={onLeave}>
      <Reply of={reply} lines={4}>
        {() => (
          <>
            <VersionList versions={rows} />
            {more && (
              <Button size="sm" busy={more.busy} onClick={more.load}>
                Show more
              </Button>
            )}
          </>
        )}
      </Reply>
    </NoticeDialog>
  );
}

/** Versions one under the other. */
export function VersionList({ versions }: { versions: readonly Version[] }) {
  if (versions.length === 0) return <p className="u-muted">There is none yet.</p>;
  return (
    <ol className={s.versions}>
      {versions.map((one) => (
        <li key={one.revision} className={s.version}>
          <header className={s.head}>
            <strong>{one.author_name}</strong>
            <Time at={one.created_at} />
          </header>
          {one.body ? <Markdown text={one.body} /> : <span className="u-subtle">Emptied.</span>}
        </li>
      ))}
    </ol>
  );
}
