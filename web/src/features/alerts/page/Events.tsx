import { useInfiniteQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { Reply } from '@/domain/Reply';
import { SeverityGlyph } from '@/domain/Severity';
import { severityLabel } from '@/domain/severities';
import { Moment, useZoneLabel } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Section } from '@/ui/Page';
import { State } from '@/ui/State';
import type { AlertDetail } from '../queries';
import s from './Events.module.css';
import { OpenEvent } from './OpenEvent';
import { eventsQuery } from './queries';

interface Props {
  alert: AlertDetail;
  /** The one that is open. */
  open: string | undefined;
  onOpen: (id: string | undefined) => void;
}

/** The alert's events, the latest first; what comes meanwhile is told, and shown when asked for. */
export function Events({ alert, open, onOpen }: Props) {
  const list = useInfiniteQuery(eventsQuery(alert.id));
  const events = list.data?.pages.flatMap((page) => page.items) ?? [];
  const newest = alert.events.items[0];
  const more = newest !== undefined && list.data !== undefined && !events.some((one) => one.id === newest.id);
  const zone = useZoneLabel();
  return (
    <Section
      title="Events"
      beside={
        <span className="u-subtle">
          {formatCount(alert.count)}, times in {zone}
        </span>
      }
      flush
    >
      {more && (
        <div className={s.banner}>
          <Banner
            action={
              <Button size="sm" onClick={() => void list.refetch()}>
                Show
              </Button>
            }
          >
            Newer events have come.
          </Banner>
        </div>
      )}
      <Reply of={list} lines={4}>
        {() =>
          events.length === 0 ? (
            <div className={s.banner}>
              <State title="No event is kept">It was made without events, or their time of keeping is over.</State>
            </div>
          ) : (
            <ul>
              {events.map((one) => (
                <li key={one.id} className={s.event}>
                  <button
                    type="button"
                    className={s.line}
                    aria-expanded={one.id === open}
                    onClick={() => onOpen(one.id === open ? undefined : one.id)}
                  >
                    {one.id === open ? (
                      <ChevronDown size={13} aria-hidden="true" />
                    ) : (
                      <ChevronRight size={13} aria-hidden="true" />
                    )}
                    <Moment at={one.time} />
                    <SeverityGlyph severity={one.severity} />
                    <span className="u-visually-hidden">{severityLabel(one.severity)}</span>
                    <span className={s.title}>{one.title ?? 'An event without a title'}</span>
                  </button>
                  {one.id === open && <OpenEvent id={one.id} />}
                </li>
              ))}
            </ul>
          )
        }
      </Reply>
      {list.hasNextPage && (
        <div className={s.more}>
          <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Section>
  );
}
