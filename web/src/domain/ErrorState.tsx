import { RotateCw } from 'lucide-react';
import { asApiError } from '@/api/problem';
import { Button } from '@/ui/Button';
import { State } from '@/ui/State';

/** What went wrong in the place of what was asked for, with what operators need to find it. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { message, status, code, correlationId } = asApiError(error);
  const detail = [status > 0 ? `${status} ${code}` : code, correlationId && `request ${correlationId}`];
  return (
    <State
      urgent
      title={status === 403 ? 'You may not see this' : 'This could not be loaded'}
      detail={detail.filter(Boolean).join(' · ')}
      action={
        onRetry && (
          <Button onClick={onRetry}>
            <RotateCw size={13} aria-hidden="true" />
            Try again
          </Button>
        )
      }
    >
      {message}
    </State>
  );
}
