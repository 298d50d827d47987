import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { Moment } from '@/domain/Time';
import { formatBytes } from '@/lib/format';
import { Button, IconButton } from '@/ui/Button';
import { CopyButton } from '@/ui/Code';
import { Menu } from '@/ui/Menu';
import { State } from '@/ui/State';
import { Tag } from '@/ui/Tag';
import { complain, say } from '@/ui/toast';
import { useChange } from '../change';
import { follow } from '../download';
import { useHere } from '../here';
import { usePages } from '../parts/usePages';
import { type Evidence, evidenceQuery } from '../queries';
import { CustodyDialog } from './CustodyDialog';
import { DescribeDialog, RemoveEvidenceDialog } from './EvidenceDialogs';
import s from './EvidenceTab.module.css';
import { Uploads } from './Uploads';

type Asked = { ask: 'custody' | 'describe' | 'remove'; id: string };

/** Files that prove something, with their hashes and through whose hands they went. */
export function EvidenceTab() {
  const { incident, takes } = useHere();
  const { rows, reply, more } = usePages(evidenceQuery(incident.id));
  const [asked, setAsked] = useState<Asked | null>(null);
  const one = rows.find(({ id }) => id === asked?.id);
  const leave = () => setAsked(null);
  return (
    <>
      {takes && <Uploads />}
      <Reply of={reply} lines={4}>
        {() => (
          <>
            {rows.length === 0 && (
              <State title="No evidence">Files are hashed as they come, and again when they are given out.</State>
            )}
            <ul className={s.files}>
              {rows.map((file) => (
                <File key={file.id} file={file} onAsk={(ask) => setAsked({ ask, id: file.id })} />
              ))}
            </ul>
            {more && (
              <Button size="sm" busy={more.busy} onClick={more.load}>
                Show more
              </Button>
            )}
          </>
        )}
      </Reply>
      {one && asked?.ask === 'custody' && <CustodyDialog file={one} onLeave={leave} />}
      {one && asked?.ask === 'describe' && <DescribeDialog file={one} onLeave={leave} />}
      {one && asked?.ask === 'remove' && <RemoveEvidenceDialog file={one} onLeave={leave} />}
    </>
  );
}

function File({ file, onAsk }: { file: Evidence; onAsk: (ask: Asked['ask']) => void }) {
  const { incident } = useHere();
  const path = { incident_id: incident.id, evidence_id: file.id };
  return (
    <li className={s.file} data-removed={file.removed_at ? '' : undefined}>
      <div className={s.what}>
        <strong className={s.name}>{file.name}</strong>
        <span className="u-subtle">
          {formatBytes(file.size)} · {file.media_type}
        </span>
        {file.removed_at && <Tag tone="warning">removed</Tag>}
        {file.origin_id && <Tag>came by a merge</Tag>}
      </div>
      {file.description && <p className={s.said}>{file.description}</p>}
      <div className={s.hash}>
        <span className="u-subtle">SHA-256</span>
        <span className="u-mono u-cut">{file.sha256}</span>
        <CopyButton text={file.sha256} label={`Copy the hash of ${file.name}`} />
      </div>
      <div className={s.who}>
        <Person id={file.added_by_id} nobody="Not known" />
        <Moment at={file.created_at} />
      </div>
      <span className={s.tools}>
        {!file.removed_at && (
          <Button
            size="sm"
            onClick={() =>
              follow(`/api/v1/incidents/${path.incident_id}/evidence/${path.evidence_id}/content`, file.name)
            }
          >
            Download
          </Button>
        )}
        <FileMenu file={file} onAsk={onAsk} />
      </span>
    </li>
  );
}

function FileMenu({ file, onAsk }: { file: Evidence; onAsk: (ask: Asked['ask']) => void }) {
  const { incident, takes } = useHere();
  const path = { incident_id: incident.id, evidence_id: file.id };
  const verify = useChange<components['schemas']['Verified']>(incident.id, {
    onDone: ({ verdict }) => {
      if (verdict === 'intact') say({ title: `${file.name} is what it was when it came` });
      else complain({ title: `${file.name} is ${verdict}`, description: 'The timeline says so too.' });
    },
  });
  return (
    <Menu
      trigger={
        <IconButton size="sm" label={`More on ${file.name}`} busy={verify.isPending}>
          <Ellipsis size={13} aria-hidden="true" />
        </IconButton>
      }
      items={[
        { label: 'Custody…', onSelect: () => onAsk('custody') },
        ...(takes && !file.removed_at
          ? [
              {
                label: 'Verify the hash',
                onSelect: () =>
                  verify.mutate({
                    send: () =>
                      read(
                        api.POST('/api/v1/incidents/{incident_id}/evidence/{evidence_id}/verify', {
                          params: { path },
                        }),
                      ),
                  }),
              },
              { label: 'Describe…', onSelect: () => onAsk('describe') },
              'line' as const,
              {
                label: 'Remove…',
                tone: 'danger' as const,
                why: incident.legal_hold ? 'It is on legal hold' : undefined,
                onSelect: () => onAsk('remove'),
              },
            ]
          : []),
      ]}
    />
  );
}
