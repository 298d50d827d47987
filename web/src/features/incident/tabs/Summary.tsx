import { History, Pencil } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api, read } from '@/api/client';
import { Markdown, MarkdownField } from '@/domain/Markdown';
import { Button } from '@/ui/Button';
import { Row } from '@/ui/Page';
import { at } from '../change';
import { useHere } from '../here';
import { Part } from '../parts/Part';
import { TextConflict } from '../parts/TextConflict';
import { summaryVersionsQuery } from '../queries';
import { type TextEdit, useTextEdit } from '../textEdit';
import s from './Summary.module.css';
import { Versions } from './Versions';

/** What happened, in the words of who works on it; every version is kept. */
export function Summary() {
  const { incident, mayChange, writing, begun } = useHere();
  const [reading, setReading] = useState(false);
  const of = useTextEdit('summary', {
    load: async () => {
      const now = await read(
        api.GET('/api/v1/incidents/{incident_id}', { params: { path: { incident_id: incident.id } } }),
      );
      return { text: now.summary, revision: now.revision };
    },
    save: (summary, revision) =>
      api.PATCH('/api/v1/incidents/{incident_id}', { params: at({ id: incident.id, revision }), body: { summary } }),
    said: 'Saved the summary',
  });
  const begin = () => of.begin({ text: incident.summary, revision: incident.revision });
  useEffect(() => {
    if (writing !== 'overview') return;
    if (mayChange && !of.edit) begin();
    begun();
  });
  return (
    <>
      <Part
        title="Summary"
        actions={
          <>
            <Button size="sm" variant="ghost" onClick={() => setReading(true)}>
              <History size={12} aria-hidden="true" />
              Versions
            </Button>
            {mayChange && !of.edit && (
              <Button size="sm" onClick={begin}>
                <Pencil size={12} aria-hidden="true" />
                Edit
              </Button>
            )}
          </>
        }
      >
        {of.edit ? (
          <Editor of={of} />
        ) : incident.summary.trim() ? (
          <Markdown text={incident.summary} />
        ) : (
          <p className="u-muted">Nobody has written one yet. Without a summary it cannot be closed.</p>
        )}
        <TextConflict of={of} what="the summary" />
      </Part>
      {reading && (
        <Versions
          title="Versions of the summary"
          query={summaryVersionsQuery(incident.id)}
          onLeave={() => setReading(false)}
        />
      )}
    </>
  );
}

function Editor({ of }: { of: TextEdit }) {
  return (
    <section
      aria-label="Writing the summary"
      className={s.editor}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !of.busy) void of.save();
      }}
    >
      <MarkdownField
        label="Summary"
        value={of.edit?.draft ?? ''}
        onChange={of.change}
        rows={10}
        maxLength={50_000}
        readOnly={of.busy}
        autoFocus
      />
      <Row end>
        <Button onClick={of.leave}>Cancel</Button>
        <Button variant="primary" busy={of.busy} title="Ctrl+Enter" onClick={() => void of.save()}>
          Save
        </Button>
      </Row>
    </section>
  );
}
