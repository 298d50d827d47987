import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { lastLabel } from '@/domain/list/range';
import { useMay } from '@/domain/session';
import { Button } from '@/ui/Button';
import { Row } from '@/ui/Page';
import { State } from '@/ui/State';
import { sendingQuery } from './queries';
import { type ExplorerSearch, queryOf } from './search';

interface Props {
  search: ExplorerSearch;
  onAsk: (patch: Partial<ExplorerSearch>) => void;
}

/** Nothing was found: because of what was asked for, because of when, or because nothing sends yet. */
export function NoEvents({ search, onAsk }: Props) {
  const may = useMay('sensors:read');
  const narrowed = queryOf(search) !== undefined;
  const { data } = useQuery({ ...sendingQuery, enabled: may && !narrowed });
  if (data && !data.sending) return <NoSensor some={data.sensors > 0} />;
  const when =
    search.from || search.to ? 'in this range of time' : `in the ${lastLabel(search.last ?? '24h').toLowerCase()}`;
  const month = (
    <Button onClick={() => onAsk({ last: '30d', from: undefined, to: undefined })}>Look at the last 30 days</Button>
  );
  return (
    <State
      title={narrowed ? 'Nothing matches' : 'Nothing came in'}
      action={
        <Row>
          {narrowed && (
            <Button onClick={() => onAsk({ query: undefined, chosen: undefined })}>Clear query and filters</Button>
          )}
          {search.last !== '30d' && month}
        </Row>
      }
    >
      {narrowed ? `No event ${when} is found by this.` : `No event has a time ${when}.`}
    </State>
  );
}

function NoSensor({ some }: { some: boolean }) {
  const add = useMay('sensors:write');
  return (
    <State
      title="No sensor has sent anything yet"
      action={
        <Link to={PATHS.sensors} className="u-link">
          {some || !add ? 'See the sensors' : 'Add a sensor'}
        </Link>
      }
    >
      Here is all that sensors send, as soon as it is stored: searched, counted over time, and with the record as it
      came.
    </State>
  );
}
