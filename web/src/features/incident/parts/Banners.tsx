import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { Person } from '@/domain/Person';
import { useMay } from '@/domain/session';
import { VERDICTS } from '@/domain/verdict';
import { words } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Row } from '@/ui/Page';
import { useHere } from '../here';

/** What has to be known before anything is done here: that it is part of another, or waits for a second person. */
export function Banners() {
  const { incident } = useHere();
  return (
    <>
      {incident.merged_into_id && (
        <Banner
          tone="warning"
          action={
            <Link className="u-link" to={PATHS.incident} params={{ incidentId: incident.merged_into_id }}>
              Go to {incident.merged_into_number === null ? 'that incident' : `#${incident.merged_into_number}`}
            </Link>
          }
        >
          This incident was merged into{' '}
          {incident.merged_into_number === null ? 'another' : `#${incident.merged_into_number}`} and takes no changes.
        </Banner>
      )}
      {incident.review && <Waiting />}
    </>
  );
}

function Waiting() {
  const { incident, me, open, mayWrite } = useHere();
  const may = useMay('incidents:review', incident.organization_id);
  const { review } = incident;
  if (!review) return null;
  const own = review.requested_by_id === me || incident.assignee_id === me;
  const named = review.reviewer_id !== null && review.reviewer_id !== me;
  const verdict = VERDICTS.find(([one]) => one === review.verdict)?.[1] ?? review.verdict;
  return (
    <Banner
      action={
        <Row>
          {mayWrite && (
            <Button size="sm" onClick={() => open({ ask: 'withdraw' })}>
              Withdraw…
            </Button>
          )}
          {may && (
            <Button
              size="sm"
              variant="primary"
              disabled={own || named}
              title={own ? 'Somebody else has to decide: it is yours' : named ? 'Another reviewer is named' : undefined}
              onClick={() => open({ ask: 'decide' })}
            >
              Decide…
            </Button>
          )}
        </Row>
      }
    >
      <strong>{review.requested_by_name}</strong> asks to close it as {verdict.toLowerCase()} ({words(review.reason)})
      {review.reviewer_id && (
        <>
          {' '}
          and named <Person id={review.reviewer_id} />
        </>
      )}
      . Until somebody decides it is neither moved nor given away.
      {review.comment && <> “{review.comment}”</>}
    </Banner>
  );
}
