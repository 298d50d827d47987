import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { BY_SHAPE, FORMAT_CHOICES } from '@/domain/formats';
import { Trial } from '@/domain/Trial';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { TextArea } from '@/ui/Field';
import { Row } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { isPlain } from './hex';
import s from './Quarantine.module.css';
import type { RecordDetail } from './queries';
import { useTakeBack } from './requests';
import { these } from './selection';
import { useMend } from './useMend';

/** The record as it would be read: edited, tried, kept, and re-driven. The bytes received never change. */
export function Mend({ record }: { record: RecordDetail }) {
  const mend = useMend(record);
  const { text, format, changed, trying, keeping, request, refused, theirs } = mend;
  const [discarding, setDiscarding] = useState(false);
  const takeBack = useTakeBack();
  return (
    <section className={s.part} aria-label="Mend it">
      <h3 className={s.partHead}>Mend it</h3>
      {theirs && (
        <Banner
          tone="warning"
          action={
            <Row>
              <Button size="sm" onClick={mend.takeTheirs}>
                Take theirs
              </Button>
              <Button size="sm" onClick={() => keeping.mutate({ revision: theirs.revision })}>
                Keep mine
              </Button>
            </Row>
          }
        >
          Somebody changed it meanwhile: {theirs.edited ? 'there is another edited copy' : 'nothing is edited any more'}
          .
        </Banner>
      )}
      {refused && !theirs && <Banner tone="danger">{refused.message}</Banner>}
      {!isPlain((record.edited_record ?? record.record).text) && (
        <Banner tone="warning">It has bytes that are no text. Editing replaces them by what is shown here.</Banner>
      )}
      <TextArea
        label="Record"
        mono
        rows={8}
        spellCheck={false}
        value={text}
        onChange={(event) => mend.setText(event.target.value)}
      />
      <Select
        label="Read as"
        options={FORMAT_CHOICES.map(([value, label]) =>
          value === BY_SHAPE ? [value, 'As its sensor is set'] : [value, label],
        )}
        value={format}
        onChange={(event) => mend.setFormat(event.target.value)}
      />
      <Row>
        <Button busy={trying.isPending} onClick={() => trying.mutate()}>
          Try it
        </Button>
        <Button
          disabled={!changed}
          busy={keeping.isPending}
          onClick={() => keeping.mutate({ revision: record.revision })}
        >
          Keep the edit
        </Button>
        {record.edited && (
          <Button onClick={() => keeping.mutate({ revision: record.revision, back: true })}>Take the edit back</Button>
        )}
        {record.requested ? (
          <Button busy={takeBack.isPending} onClick={() => takeBack.mutate(these([record.id]))}>
            Cancel what was asked for
          </Button>
        ) : (
          <>
            <Button variant="primary" busy={request.isPending} onClick={mend.redrive}>
              {changed ? 'Keep and re-drive' : 'Re-drive'}
            </Button>
            <Button variant="danger" onClick={() => setDiscarding(true)}>
              Discard…
            </Button>
          </>
        )}
      </Row>
      {trying.isError && <Banner tone="danger">{asApiError(trying.error).message}</Banner>}
      {trying.data && <Trial trial={trying.data} record={text} />}
      {discarding && (
        <ConfirmDialog
          title="Discard this record"
          verb="Discard record"
          busy={request.isPending}
          onConfirm={() =>
            request.mutate(
              { verb: 'discard', selection: these([record.id]) },
              { onSettled: () => setDiscarding(false) },
            )
          }
          onLeave={() => setDiscarding(false)}
        >
          It is never stored. Its bytes stay to be looked at for as long as retention says.
        </ConfirmDialog>
      )}
    </section>
  );
}
