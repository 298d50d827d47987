import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api, read } from '@/api/client';
import { useMay } from '@/domain/session';
import { bodyOf, type Draft, newDraft } from '@/domain/suppression/draft';
import { SuppressionForm } from '@/domain/suppression/Form';
import { useLook } from '@/lib/look';
import { Banner } from '@/ui/Banner';
import { Page } from '@/ui/Page';
import { say } from '@/ui/toast';
import type { SuppressionSearch } from './search';

/** A new one; who may make none tries a query. */
export function NewSuppression({ search }: { search: SuppressionSearch }) {
  const { zone } = useLook();
  const may = useMay('suppressions:write');
  const navigate = useNavigate();
  const client = useQueryClient();
  const making = useMutation({
    mutationFn: (draft: Draft) => read(api.POST('/api/v1/suppressions', { body: bodyOf(draft, zone) })),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ['suppressions'] });
      say({ title: 'Suppression created' });
      await navigate({ to: '/suppressions/$suppressionId', params: { suppressionId: made.id } });
    },
  });
  const some = { ...(search.query && { query: search.query }), ...(search.name && { name: search.name }) };
  return (
    <Page title={may ? 'New suppression' : 'Try a suppression'}>
      {!may && (
        <Banner>Leads and admins make suppressions. You can see here what one would hide, and tell them.</Banner>
      )}
      <SuppressionForm
        first={newDraft(zone, some)}
        verb="Create suppression"
        busy={making.isPending}
        error={making.error}
        onSave={may ? (draft) => making.mutate(draft) : undefined}
        onLeave={() => void navigate({ to: '/suppressions' })}
      />
    </Page>
  );
}
