import { useState } from 'react';
import { usePerson } from '@/domain/people';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Stack } from '@/ui/Page';
import { Switch } from '@/ui/Switch';
import type { Handover } from './queries';
import { useActs } from './useActs';

/** For who is to take over: that it waits, and taking over. */
export function Accept({ handover }: { handover: Handover }) {
  const name = usePerson(handover.outgoing_id);
  const [asked, setAsked] = useState(false);
  const [moves, setMoves] = useState(true);
  const { accepting } = useActs(handover);
  return (
    <>
      <Banner
        tone="warning"
        action={
          <Button variant="primary" onClick={() => setAsked(true)}>
            Accept…
          </Button>
        }
      >
        {name} hands this shift over to you.
      </Banner>
      {asked && (
        <Dialog title="Accept the handover" description={handover.shift} onLeave={() => setAsked(false)}>
          <Stack>
            <Switch
              label={`Make the open work of ${name} mine`}
              help="Unfinished incidents and open alerts, the 500 most severe of each. What waits for a review stays, and so does what you may not see."
              checked={moves}
              onChange={setMoves}
            />
            <DialogActions>
              <Button onClick={() => setAsked(false)}>Cancel</Button>
              <Button
                variant="primary"
                busy={accepting.isPending}
                onClick={() => accepting.mutate(moves, { onSettled: () => setAsked(false) })}
              >
                Accept
              </Button>
            </DialogActions>
          </Stack>
        </Dialog>
      )}
    </>
  );
}
