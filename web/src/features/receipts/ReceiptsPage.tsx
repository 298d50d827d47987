import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { PATHS } from '@/app/paths';
import { Button } from '@/ui/Button';
import { TextArea } from '@/ui/Field';
import { Page, Row, Section } from '@/ui/Page';
import { idsIn } from './ids';
import s from './Path.module.css';

const MOST = 50;

/** Looks up what became of something by the id that the door, or a log, gave. */
export default function ReceiptsPage() {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const found = idsIn(text).slice(0, MOST);
  const [only, ...others] = found;
  const open = (id: string) => void navigate({ to: PATHS.receipt, params: { receiptId: id } });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (only) open(only.id);
  }
  return (
    <Page title="Receipts" narrow>
      <Section title="What became of it?">
        <form className={s.look} onSubmit={submit}>
          <TextArea
            label="An id, a line of a log, or the whole reply of the door"
            mono
            rows={5}
            autoFocus
            spellCheck={false}
            value={text}
            placeholder='{"batch_id":"01a21dd4-e020-8653-a1a4-ec73237789c2","accepted":1, …}'
            help="Requests, events and quarantined records have receipts."
            error={
              text.trim() && !only
                ? 'There is no id in this. Ids look like 01a21dd4-e020-8653-a1a4-ec73237789c2.'
                : undefined
            }
            onChange={(event) => setText(event.target.value)}
          />
          {others.length === 0 ? (
            <Row>
              <Button type="submit" variant="primary" disabled={!only}>
                Look it up
              </Button>
            </Row>
          ) : (
            <ul className={s.found} aria-label="Ids that were found">
              {found.map(({ id, what }) => (
                <li key={id} className={s.one}>
                  <span className={s.what}>{what}</span>
                  <Link to={PATHS.receipt} params={{ receiptId: id }} className="u-link">
                    <span className="u-mono">{id}</span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </form>
      </Section>
    </Page>
  );
}
