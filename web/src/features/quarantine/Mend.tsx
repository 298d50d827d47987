import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import { BY_SHAPE, FORMAT_CHOICES, formatOf } from '@/domain/formats';
import { Trial } from '@/domain/Trial';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { TextArea } from '@/ui/Field';
import { Row } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { say } from '@/ui/toast';
import { isPlain } from './hex';
import s from './Quarantine.module.css';
import { type Listed, type RecordDetail, recordQuery } from './queries';
import { these, useRequest, useTakeBack } from './requests';

/** The record as it would be read: edited, tried, kept, and re-driven. The bytes received never change. */
export function Mend({ record }: { record: RecordDetail }) {
  const client = useQueryClient();
  const kept = record.edited_record ?? record.record;
  const [text, setText] = useState(kept.text);
  const [format, setFormat] = useState<string>(record.format ?? BY_SHAPE);
  const [discarding, setDiscarding] = useState(false);
  const request = useRequest();
  const takeBack = useTakeBack();
  const edited = text !== kept.text;
  const other = format !== (record.format ?? BY_SHAPE);
  const changed = edited || other;
  // Bytes that are no text stay as they are while nobody touches them.
  const bytes = edited ? { text } : {};
  const trying = useMutation({
    mutationFn: () =>
      read(
        api.POST('/api/v1/quarantine/{record_id}/try', {
          params: { path: { record_id: record.id } },
          body: { ...bytes, format: formatOf(format) },
        }),
      ),
  });
  const keeping = useMutation({
    mutationFn: ({ revision, back = false }: { revision: number; back?: boolean }) =>
      read(
        api.PATCH('/api/v1/quarantine/{record_id}', {
          params: { path: { record_id: record.id }, header: ifMatch(revision) },
          body: back ? { text: null } : { ...bytes, ...(other && { format: formatOf(format) }) },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['quarantine'] }),
  });
  const refused = keeping.error ? asApiError(keeping.error) : undefined;
  const theirs = refused?.status === 412 ? (refused.body as { current?: Listed }).current : undefined;
  async function redrive() {
    if (changed) await keeping.mutateAsync({ revision: record.revision });
    await request.mutateAsync({ verb: 'redrive', selection: these([record.id]) });
    say({ title: 'Re-driving the record', description: 'The indexer reads it within seconds.' });
  }
  return (
    <section className={s.part} aria-label="Mend it">
      <h3 className={s.partHead}>Mend it</h3>
      {theirs && (
        <Banner
          tone="warning"
          action={
            <Row>
              <Button
                size="sm"
                onClick={() => void client.invalidateQueries({ queryKey: recordQuery(record.id).queryKey })}
              >
                Look at theirs
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
      {!isPlain(kept.text) && (
        <Banner tone="warning">It has bytes that are no text. Editing replaces them by what is shown here.</Banner>
      )}
      <TextArea
        label="Record"
        mono
        rows={8}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Select
        label="Read as"
        options={FORMAT_CHOICES.map(([value, label]) =>
          value === BY_SHAPE ? [value, 'As its sensor is set'] : [value, label],
        )}
        value={format}
        onChange={(event) => setFormat(event.target.value)}
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
            <Button variant="primary" busy={request.isPending} onClick={() => void redrive().catch(() => undefined)}>
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
