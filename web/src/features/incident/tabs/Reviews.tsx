import { Moment } from '@/domain/Time';
import { VERDICTS } from '@/domain/verdict';
import { words } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Tag } from '@/ui/Tag';
import { useHere } from '../here';
import { Part } from '../parts/Part';
import { usePages } from '../parts/usePages';
import { type Review, reviewsQuery } from '../queries';
import s from './Reviews.module.css';

const DECISIONS = { approved: 'Agreed', sent_back: 'Sent back', withdrawn: 'Withdrawn' } as const;
const TONES = { approved: 'success', sent_back: 'warning', withdrawn: undefined } as const;

/** Requests for closing and what became of them; nothing where there was none. */
export function Reviews() {
  const { incident } = useHere();
  const { rows, reply, more } = usePages(reviewsQuery(incident.id));
  if (rows.length === 0 && !reply.isError) return null;
  return (
    <Part title="Reviews">
      {reply.isError && (
        <p>
          They could not be loaded.{' '}
          <Button size="sm" onClick={() => void reply.refetch()}>
            Try again
          </Button>
        </p>
      )}
      <ul className={s.reviews}>
        {rows.map((review) => (
          <One key={review.id} review={review} />
        ))}
      </ul>
      {more && (
        <Button size="sm" busy={more.busy} onClick={more.load}>
          Show more
        </Button>
      )}
    </Part>
  );
}

function One({ review }: { review: Review }) {
  const verdict = VERDICTS.find(([one]) => one === review.verdict)?.[1] ?? review.verdict;
  return (
    <li className={s.review}>
      <span>
        <strong>{review.requested_by_name}</strong> asked to close it as {verdict.toLowerCase()} ({words(review.reason)}
        )
      </span>
      <Moment at={review.created_at} />
      {review.comment && <span className={s.words}>“{review.comment}”</span>}
      {review.decision ? (
        <>
          <span>
            <Tag tone={TONES[review.decision]}>{DECISIONS[review.decision]}</Tag>{' '}
            {review.decided_by_name && <>by {review.decided_by_name}</>}
          </span>
          {review.decided_at ? <Moment at={review.decided_at} /> : <span />}
          {review.decision_comment && <span className={s.words}>“{review.decision_comment}”</span>}
        </>
      ) : (
        <span>
          <Tag tone="accent">Waits</Tag>
        </span>
      )}
    </li>
  );
}
