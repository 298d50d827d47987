import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { ErrorState } from '@/domain/ErrorState';
import { bodyOf, type Draft, newDraft } from '@/domain/suppression/draft';
import { SuppressionForm } from '@/domain/suppression/Form';
import { useLook } from '@/lib/look';
import { Banner } from '@/ui/Banner';
import { Dialog } from '@/ui/Dialog';
import { Skeleton } from '@/ui/Skeleton';
import { say } from '@/ui/toast';
import { proposalQuery } from '../page/queries';
import type { AlertDetail } from '../queries';
import { draftFrom, ownDraft } from './proposed';

/** Hides what folds into the alert: as narrow as the product proposes it, and measured before it is made. */
export function SuppressDialog({ alert, onLeave }: { alert: AlertDetail; onLeave: () => void }) {
  const { zone } = useLook();
  const proposal = useQuery(proposalQuery(alert.id));
  const making = useMaking(onLeave);
  // Of what was not judged harmless nothing is proposed; who knows better begins with what folds into it.
  const unjudged = proposal.isError && asApiError(proposal.error).code === 'not_harmless';
  const draft = proposal.data
    ? draftFrom(proposal.data.suppression, zone)
    : unjudged
      ? newDraft(zone, ownDraft(alert))
      : undefined;
  return (
    <Dialog title="Suppress what folds into this alert" description={alert.title} size="side" onLeave={onLeave}>
      {unjudged && (
        <Banner tone="warning">
          It was not closed as a false or benign positive, so nothing is proposed. This begins with its rule, its
          severity and what folds into it.
        </Banner>
      )}
      {draft ? (
        <SuppressionForm
          first={draft}
          verb="Create suppression"
          busy={making.isPending}
          error={making.error}
          onSave={(wanted) => making.mutate({ wanted, zone })}
          onLeave={onLeave}
        />
      ) : proposal.isError ? (
        <ErrorState error={proposal.error} onRetry={() => void proposal.refetch()} />
      ) : (
        <Skeleton />
      )}
    </Dialog>
  );
}

function useMaking(onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ wanted, zone }: { wanted: Draft; zone: string }) =>
      read(api.POST('/api/v1/suppressions', { body: bodyOf(wanted, zone) })),
    onSuccess: (made) => {
      const waits = made.state === 'waiting_for_approval';
      say({
        title: 'Suppression created',
        ...(waits && { description: 'Somebody else has to approve it before it hides anything.' }),
      });
      onDone();
      return client.invalidateQueries({ queryKey: ['suppressions'] });
    },
  });
}
