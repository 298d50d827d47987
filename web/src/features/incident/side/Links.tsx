import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { api } from '@/api/client';
import { PATHS } from '@/app/paths';
import { IncidentStatusText } from '@/domain/IncidentStatus';
import { Reply } from '@/domain/Reply';
import { SeverityGlyph } from '@/domain/Severity';
import { Button, IconButton } from '@/ui/Button';
import { useChange } from '../change';
import { useHere } from '../here';
import { Part } from '../parts/Part';
import { usePages } from '../parts/usePages';
import { linksQuery, type Relation } from '../queries';
import s from './Side.module.css';

/** How this one stands to the other, and how where it is said of the other. */
const WORDS: Record<Relation['relation'], readonly [string, string]> = {
  related: ['related to', 'related to'],
  duplicate_of: ['duplicate of', 'has as duplicate'],
  caused_by: ['caused by', 'caused'],
  split_from: ['split off from', 'was split into'],
  recurrence_of: ['recurrence of', 'came again as'],
};

/** Other incidents that people, or the product, say it has to do with. */
export function Links() {
  const { incident, takes, open } = useHere();
  const { rows, reply, more } = usePages(linksQuery(incident.id));
  return (
    <Part
      title="Links"
      actions={
        takes && (
          <Button size="sm" onClick={() => open({ ask: 'link' })}>
            Link…
          </Button>
        )
      }
    >
      {incident.merged_numbers.length > 0 && (
        <p className="u-subtle">
          Merged into it: {incident.merged_numbers.map((one) => `#${one}`).join(', ')}{' '}
          {takes && (
            <Button size="sm" variant="ghost" onClick={() => open({ ask: 'unmerge' })}>
              Take one out…
            </Button>
          )}
        </p>
      )}
      <Reply of={reply} lines={1}>
        {() => (
          <>
            {rows.length === 0 && <p className="u-subtle">To no other incident.</p>}
            <ul className={s.list}>
              {rows.map((link) => (
                <One key={link.id} link={link} />
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
    </Part>
  );
}

function One({ link: { id, relation, reverse, other } }: { link: Relation }) {
  const { incident, takes } = useHere();
  const change = useChange(incident.id);
  const byHand = relation === 'related' || relation === 'duplicate_of' || relation === 'caused_by';
  return (
    <li className={s.one}>
      <Link className="u-strong" to={PATHS.incident} params={{ incidentId: other.id }}>
        #{other.number} {other.title}
      </Link>
      {takes && byHand ? (
        <IconButton
          size="sm"
          label={`Unlink #${other.number}`}
          disabled={change.isPending || incident.legal_hold}
          onClick={() =>
            change.mutate({
              send: () =>
                api.DELETE('/api/v1/incidents/{incident_id}/links/{link_id}', {
                  params: { path: { incident_id: incident.id, link_id: id } },
                }),
              said: `Unlinked #${other.number}`,
            })
          }
        >
          <X size={12} aria-hidden="true" />
        </IconButton>
      ) : (
        <span />
      )}
      <span className={s.under}>
        {WORDS[relation][reverse ? 1 : 0]}
        <SeverityGlyph severity={other.severity} />
        <IncidentStatusText status={other.status} />
      </span>
    </li>
  );
}
