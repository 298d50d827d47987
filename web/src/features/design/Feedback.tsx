import { useState } from 'react';
import { ApiError } from '@/api/problem';
import { Refused } from '@/domain/dialogs/Refused';
import { ErrorState } from '@/domain/ErrorState';
import { LiveIndicator } from '@/domain/LiveIndicator';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { ConfirmDialog, Dialog, DialogActions } from '@/ui/Dialog';
import { Row, Stack } from '@/ui/Page';
import { Progress } from '@/ui/Progress';
import { Skeleton } from '@/ui/Skeleton';
import { State } from '@/ui/State';
import { Tag } from '@/ui/Tag';
import { complain, say } from '@/ui/toast';
import s from './Design.module.css';
import { Specimen, States } from './Specimen';

const FAILED = new ApiError(503, {
  code: 'unavailable',
  detail: 'The database does not answer.',
  correlation_id: '01a21dba-fe33-75b0',
});
const nothing = () => undefined;

/** What the product says. */
export function Feedback() {
  return (
    <>
      <Specimen name="Banner" use="Something to know about the page as a whole">
        <Stack gap="sm">
          <Banner>This is a draft: only you can sign it.</Banner>
          <Banner tone="success">Everything that was received is stored.</Banner>
          <Banner tone="warning" action={<Button size="sm">Try again</Button>}>
            This is what it was; the newest could not be loaded.
          </Banner>
          <Banner tone="danger">The server cannot be reached.</Banner>
          <Refused error={FAILED} />
        </Stack>
      </Specimen>
      <Specimen name="State and ErrorState" use="In the place of what is not there: why, and the way out">
        <div className={s.fields}>
          <div className={s.box}>
            <State title="The queue is clear" action={<Button>Show closed</Button>}>
              No alert is open that is in no incident.
            </State>
          </div>
          <div className={s.box}>
            <ErrorState error={FAILED} onRetry={nothing} />
          </div>
        </div>
      </Specimen>
      <Specimen name="Skeleton and Progress" use="On its way for the first time; how far something is">
        <div className={s.fields}>
          <Skeleton lines={3} />
          <Stack gap="sm">
            <Progress label="Nothing yet" value={0} max={10} />
            <Progress label="Some" value={4} max={10} />
            <Progress label="All" value={10} max={10} />
          </Stack>
        </div>
      </Specimen>
      <Specimen name="Tag" use="A short word that things have in common">
        <States
          of={[
            ['plain', <Tag key="plain">phishing</Tag>],
            ...(['accent', 'success', 'warning', 'danger'] as const).map(
              (tone) =>
                [
                  tone,
                  <Tag key={tone} tone={tone}>
                    {tone}
                  </Tag>,
                ] as const,
            ),
          ]}
        />
      </Specimen>
      <Specimen name="Toast" use="What was done, with how to take it back; what failed stays until it is closed">
        <Row>
          <Button onClick={() => say({ title: 'Acknowledged: SSH brute force' })}>Say</Button>
          <Button onClick={() => say({ title: 'Closed 12 alerts', undo: nothing })}>Say, with undo</Button>
          <Button onClick={() => complain({ title: 'Not closed', description: 'Somebody changed it first.' })}>
            Complain
          </Button>
        </Row>
      </Specimen>
      <Dialogs />
      <Specimen name="LiveIndicator" use="Whether what is shown is told of changes">
        <LiveIndicator />
      </Specimen>
    </>
  );
}

function Dialogs() {
  const [open, setOpen] = useState<'sm' | 'lg' | 'side' | 'confirm'>();
  const leave = () => setOpen(undefined);
  return (
    <Specimen
      name="Dialog and ConfirmDialog"
      use="A question; a form or a document; a thing beside the list; once more before what cannot be taken back"
    >
      <Row>
        <Button onClick={() => setOpen('sm')}>Small</Button>
        <Button onClick={() => setOpen('lg')}>Large</Button>
        <Button onClick={() => setOpen('side')}>At the side</Button>
        <Button onClick={() => setOpen('confirm')}>Confirm</Button>
      </Row>
      {open && open !== 'confirm' && (
        <Dialog title="Close alert" description="SSH brute force" size={open} onLeave={leave}>
          <DialogActions>
            <Button onClick={leave}>Cancel</Button>
            <Button variant="primary" onClick={leave}>
              Close alert
            </Button>
          </DialogActions>
        </Dialog>
      )}
      {open === 'confirm' && (
        <ConfirmDialog title="Delete 3 views" verb="Delete 3 views" onConfirm={leave} onLeave={leave}>
          Two of them are shared: everybody loses them.
        </ConfirmDialog>
      )}
    </Specimen>
  );
}
