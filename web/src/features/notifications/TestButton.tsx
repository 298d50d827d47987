import { useQuery } from '@tanstack/react-query';
import { Age } from '@/domain/Time';
import { Button } from '@/ui/Button';
import s from './Channels.module.css';
import { useTestChannel } from './changes';
import { type Channel, latestQuery, type Told } from './queries';

/** Sends a message there, and says what became of it. */
export function TestButton({ channel }: { channel: Channel }) {
  const testing = useTestChannel();
  const sent = testing.data;
  const latest = useQuery({
    ...latestQuery(sent !== undefined),
    // Asked for until it has arrived or failed; a first failure is tried again later, and told meanwhile.
    refetchInterval: (query) => (settled(query.state.data?.items.find((one) => one.id === sent?.id)) ? false : 1_500),
  });
  const now = latest.data?.items.find((one) => one.id === sent?.id) ?? sent;
  return (
    <span className={s.test}>
      <Button
        size="sm"
        busy={testing.isPending}
        disabled={channel.disabled_at !== null}
        title={channel.disabled_at === null ? undefined : 'The channel is disabled.'}
        aria-label={`Test ${channel.name}`}
        onClick={() => testing.mutate(channel)}
      >
        Send test
      </Button>
      <span className={s.result} data-status={now && stateOf(now)} role="status">
        {now && <Result told={now} />}
      </span>
    </span>
  );
}

const settled = (told: Told | undefined) => told !== undefined && stateOf(told) !== 'waiting';

function stateOf(told: Told): 'waiting' | 'sent' | 'failed' {
  if (told.status === 'failed' || (told.status === 'pending' && told.last_error !== null)) return 'failed';
  return told.status === 'pending' ? 'waiting' : 'sent';
}

function Result({ told }: { told: Told }) {
  const state = stateOf(told);
  if (state === 'waiting') return 'Sending…';
  if (state === 'failed')
    return `${told.status === 'failed' ? 'Failed' : 'Not yet, tried again later'}: ${told.last_error}`;
  return told.sent_at ? (
    <>
      Sent <Age at={told.sent_at} /> ago
    </>
  ) : (
    'Sent'
  );
}
