import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { Markdown } from '@/domain/Markdown';
import { Reply } from '@/domain/Reply';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Select } from '@/ui/Select';
import { Switch } from '@/ui/Switch';
import { useChange } from '../change';
import { download } from '../download';
import { useHere } from '../here';
import { AUDIENCES, type Audience, reported, reportQuery } from '../reports';
import s from './ReportDialog.module.css';

/** The report as it is read, for whom it is meant; taken along as Markdown, or as HTML that prints well. */
export function ReportDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const [tlp, setTlp] = useState<Audience>('');
  const [notes, setNotes] = useState(true);
  const report = useQuery(reportQuery(incident.id, { tlp, notes }));
  const name = `incident-${incident.number}${tlp ? `-${tlp}` : ''}`;
  const change = useChange<string>(incident.id, { onDone: (text) => download(text, `${name}.html`, 'text/html') });
  const ready = report.data !== undefined && !report.isError;
  return (
    <Dialog size="lg" title={`Report of #${incident.number}`} onLeave={onLeave}>
      <div className={s.options}>
        <Select
          label="For"
          value={tlp}
          options={AUDIENCES}
          onChange={(event) => setTlp(event.target.value as Audience)}
        />
        <Switch label="With the notes" checked={notes} onChange={setNotes} />
      </div>
      {tlp && (
        <p className="u-subtle">
          What is marked more strictly is left out, its values in texts too. Prose can still tell of them: read it
          before you send it.
        </p>
      )}
      {/* What scrolls is reached with the keyboard too. */}
      <section className={s.paper} aria-label="The report" tabIndex={0}>
        <Reply of={report} lines={10}>
          {(text) => <Markdown text={text} />}
        </Reply>
      </section>
      <DialogActions>
        <Button onClick={onLeave}>Done</Button>
        <Button
          disabled={!ready}
          onClick={() => report.data !== undefined && download(report.data, `${name}.md`, 'text/markdown')}
        >
          <Download size={13} aria-hidden="true" />
          Download Markdown
        </Button>
        <Button
          variant="primary"
          busy={change.isPending}
          disabled={!ready}
          onClick={() => change.mutate({ send: () => reported(incident.id, { format: 'html', tlp, notes }) })}
        >
          <Download size={13} aria-hidden="true" />
          Download HTML
        </Button>
      </DialogActions>
    </Dialog>
  );
}
