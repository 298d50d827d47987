import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { Refused } from '@/domain/dialogs/Refused';
import { Leaving } from '@/domain/Leaving';
import { Markdown, MarkdownField } from '@/domain/Markdown';
import { Meanwhile } from '@/domain/Meanwhile';
import { usePeopleOf, usePerson } from '@/domain/people';
import { type Meanwhile as Change, useDraft } from '@/lib/useDraft';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Columns, Section } from '@/ui/Page';
import { SaveBar } from '@/ui/SaveBar';
import { whyNotSign, writtenOf } from './draft';
import type { Handover } from './queries';
import { StepsRead, StepsWrite } from './Steps';
import { useActs } from './useActs';

const NAMES: Readonly<Record<string, string>> = {
  shift: 'Shift',
  notes: 'Notes',
  incoming_id: 'Who takes over',
  items: 'Next steps',
};

/** What the outgoing person writes. Of a signed one only who takes over can be another. */
export function Writing({ handover }: { handover: Handover }) {
  const draft = useDraft(writtenOf(handover), handover.revision);
  const { saving, signing } = useActs(handover);
  const people = usePeopleOf(handover.organization_id).filter((one) => one.value !== handover.outgoing_id);
  const isDraft = handover.status === 'draft';
  const refused = saving.error && asApiError(saving.error).status !== 412 ? saving.error : undefined;
  const { shift, notes, incoming_id, items } = draft.value;
  return (
    <>
      <Leaving unsaved={draft.dirty} what="the handover" />
      <Meanwhile changes={draft.meanwhile} line={lineOf} />
      <Refused error={refused} />
      <Next handover={handover} dirty={draft.dirty} busy={signing.isPending} onSign={() => signing.mutate()} />
      <Section title="Shift">
        <Columns>
          <TextField
            label="Name"
            value={shift}
            maxLength={200}
            required
            disabled={!isDraft}
            onChange={(event) => draft.change({ shift: event.target.value })}
          />
          <Combobox
            label="Who takes over"
            choices={people}
            value={incoming_id}
            onChange={(id) => draft.change({ incoming_id: id })}
            placeholder="A name"
          />
        </Columns>
      </Section>
      <Section title="Next steps" beside={<span className="u-subtle">{items.length}</span>} flush>
        {isDraft ? (
          <StepsWrite
            organizationId={handover.organization_id}
            snapshot={handover.snapshot}
            items={items}
            onChange={(next) => draft.change({ items: next })}
          />
        ) : (
          <StepsRead items={items} />
        )}
      </Section>
      <Section title="Notes">
        {isDraft ? (
          <MarkdownField
            label="What the next shift should know"
            value={notes}
            maxLength={50_000}
            rows={8}
            onChange={(text) => draft.change({ notes: text })}
          />
        ) : (
          <Markdown text={notes || 'Nothing was noted.'} />
        )}
      </Section>
      <SaveBar
        changes={draft.changes.length}
        verb="Save handover"
        why={shift.trim() === '' ? 'A shift has a name.' : undefined}
        busy={saving.isPending}
        onDiscard={draft.discard}
        onSave={() => saving.mutate(draft.value)}
      />
    </>
  );
}

interface NextProps {
  handover: Handover;
  dirty: boolean;
  busy: boolean;
  onSign: () => void;
}

/** What is to be done with the draft now. */
function Next({ handover, dirty, busy, onSign }: NextProps) {
  const [asked, setAsked] = useState(false);
  const name = usePerson(handover.incoming_id);
  if (handover.status === 'signed') return <Banner>Signed. It waits for {name} to accept it.</Banner>;
  const why = dirty ? 'Save it first.' : whyNotSign(handover);
  return (
    <>
      <Banner
        action={
          <Button variant="primary" disabled={why !== undefined} onClick={() => setAsked(true)}>
            Sign…
          </Button>
        }
      >
        This is a draft: only you can sign it. {why}
      </Banner>
      {asked && (
        <Dialog title="Sign the handover" description={handover.shift} onLeave={() => setAsked(false)}>
          <p>
            {handover.items.length} next {handover.items.length === 1 ? 'step goes' : 'steps go'} to {name}, who is
            told. Notes and steps stay as they are from then on.
          </p>
          <DialogActions>
            <Button onClick={() => setAsked(false)}>Cancel</Button>
            <Button
              variant="primary"
              busy={busy}
              onClick={() => {
                setAsked(false);
                onSign();
              }}
            >
              Sign
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </>
  );
}

function lineOf({ path, before, after }: Change) {
  const said = (value: unknown) =>
    Array.isArray(value) ? `${value.length} steps` : typeof value === 'string' ? value : '';
  return { name: NAMES[path] ?? path, before: said(before), after: said(after) };
}
