import { type ReactNode, useMemo, useState } from 'react';
import { MarkdownField } from '@/domain/Markdown';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { CopyButton } from '@/ui/Code';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { linesOnlyIn, merged } from '../merge';
import type { TextEdit } from '../textEdit';
import s from './TextConflict.module.css';

/** Two people wrote the same text: both side by side, and one made of them. None is lost. */
export function TextConflict({ of, what, line = false }: { of: TextEdit; what: string; line?: boolean }) {
  const { edit } = of;
  if (!edit?.theirs) return null;
  return (
    <Choice
      key={edit.theirs.revision}
      of={of}
      what={what}
      line={line}
      base={edit.base.text}
      mine={edit.draft}
      theirs={edit.theirs.text}
    />
  );
}

interface Props {
  of: TextEdit;
  what: string;
  /** It is one line, without Markdown. */
  line: boolean;
  base: string;
  mine: string;
  theirs: string;
}

function Choice({ of, what, line, base, mine, theirs }: Props) {
  const both = useMemo(() => merged(base, mine, theirs), [base, mine, theirs]);
  const [text, setText] = useState(line ? both.text.replaceAll('\n', ' / ') : both.text);
  return (
    <Dialog
      size="lg"
      title={`Somebody else changed ${what} meanwhile`}
      description="Nothing is saved or lost yet. Take one of the two, or what both make together."
      onLeave={of.goOn}
    >
      <div className={s.sides}>
        <Side title="Theirs, as it is now" text={theirs} other={mine}>
          <Button onClick={of.takeTheirs}>Keep theirs</Button>
        </Side>
        <Side title="Yours, not saved yet" text={mine} other={theirs}>
          <Button busy={of.busy} onClick={() => void of.save(mine)}>
            Save yours
          </Button>
        </Side>
      </div>
      {both.overlaps && !line && (
        <Banner tone="warning">Both changed the same lines: below, theirs stand before yours. Read it over.</Banner>
      )}
      {line ? (
        <TextField label="Both together" value={text} onChange={(event) => setText(event.target.value)} />
      ) : (
        <MarkdownField label="Both together" value={text} onChange={setText} rows={6} />
      )}
      <DialogActions>
        <Button onClick={of.goOn}>Go on writing yours</Button>
        <Button variant="primary" busy={of.busy} onClick={() => void of.save(text)}>
          Save both together
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface SideProps {
  title: string;
  text: string;
  other: string;
  children: ReactNode;
}

function Side({ title, text, other, children }: SideProps) {
  const own = useMemo(() => linesOnlyIn(text, other), [text, other]);
  return (
    <section className={s.side} aria-label={title}>
      <h3 className={s.title}>
        {title}
        <CopyButton text={text} label={`Copy: ${title}`} />
      </h3>
      <div className={s.text}>
        {text.split('\n').map((line, at) =>
          own.has(at) ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has only its place
            <ins key={at} className={s.line}>
              {line || ' '}
            </ins>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has only its place
            <span key={at} className={s.line}>
              {line || ' '}
            </span>
          ),
        )}
      </div>
      {children}
    </section>
  );
}
