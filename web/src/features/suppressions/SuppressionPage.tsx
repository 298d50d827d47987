import { getRouteApi } from '@tanstack/react-router';
import { NewSuppression } from './NewSuppression';
import { OneSuppression } from './OneSuppression';

const route = getRouteApi('/app/suppressions/$suppressionId');

/** One that is there, or a new one. */
export default function SuppressionPage() {
  const { suppressionId } = route.useParams();
  const search = route.useSearch();
  return suppressionId === 'new' ? (
    <NewSuppression search={search} />
  ) : (
    <OneSuppression key={suppressionId} id={suppressionId} />
  );
}
