import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ErrorState } from '@/domain/ErrorState';
import { useOrganizations } from '@/domain/OrganizationField';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { CopyButton } from '@/ui/Code';
import { NoticeDialog } from '@/ui/Dialog';
import { KeyValue } from '@/ui/KeyValue';
import s from './EntryDialog.module.css';
import { verdictOf } from './entry';
import { type Chain, follow } from './queries';

/** Follows the chain of each organization, and says whether anybody changed an entry behind the product's back. */
export function ChainDialog({ onLeave }: { onLeave: () => void }) {
  const organizations = useOrganizations('audit:read');
  return (
    <NoticeDialog
      done="Close"
      size="lg"
      title="Check the chain"
      description="Each entry is sealed with the hash of the one before: whoever changes or takes out one breaks the chain there."
      onLeave={onLeave}
    >
      {organizations.map((one) => (
        <OneChain key={one.organization_id} id={one.organization_id} name={one.organization} />
      ))}
    </NoticeDialog>
  );
}

function OneChain({ id, name }: { id: string; name: string }) {
  const [far, setFar] = useState<Chain | null>(null);
  const followed = useQuery({
    queryKey: ['audit', 'chain', id],
    queryFn: ({ signal }) => follow(id, setFar, signal),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (followed.isError) return <ErrorState error={followed.error} onRetry={() => void followed.refetch()} />;
  if (!followed.data)
    return (
      <div role="status">
        <p>
          Following {name}: {far ? `${formatCount(far.entries)} entries so far` : 'at its beginning'}
        </p>
        <progress aria-label={`Following the chain of ${name}`} />
      </div>
    );
  const { head, entries, whole } = followed.data;
  return (
    <section aria-label={name} className={s.chain}>
      <Banner tone={whole ? 'success' : 'danger'}>
        <strong>{name}.</strong> {verdictOf(followed.data)}
      </Banner>
      {whole && (
        <KeyValue
          facts={[
            ['Entries', formatCount(entries)],
            [
              'Head',
              <span key="head" className={s.copied}>
                <span className="u-mono">{head}</span>
                <CopyButton text={head} label={`Copy the head of ${name}`} />
              </span>,
            ],
          ]}
        />
      )}
      {whole && <p className="u-subtle">Keep both elsewhere: they tell later whether anything was cut off the end.</p>}
    </section>
  );
}
