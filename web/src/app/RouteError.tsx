import type { ErrorComponentProps } from '@tanstack/react-router';
import { ErrorState } from '@/domain/ErrorState';

/** For a page that could not be shown at all. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  return <ErrorState error={error} onRetry={reset} />;
}
