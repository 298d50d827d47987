import { EyeOff, Scale } from 'lucide-react';
import type { ReactNode } from 'react';
import { IncidentStatusText } from '@/domain/IncidentStatus';
import { Person } from '@/domain/Person';
import { Technique } from '@/domain/Technique';
import { VERDICTS } from '@/domain/verdict';
import { words } from '@/lib/format';
import { Tag } from '@/ui/Tag';
import { useHere } from '../here';
import s from './Facts.module.css';
import { PapMenu, SeverityMenu, TlpMenu } from './Marking';
import { Tags } from './Tags';

/** What there is to know of it before reading on. */
export function Facts() {
  const { incident, takes } = useHere();
  const verdict = VERDICTS.find(([one]) => one === incident.verdict)?.[1];
  return (
    <dl className={s.facts}>
      <Fact name="Severity">
        <SeverityMenu />
      </Fact>
      <Fact name="Status">
        <IncidentStatusText status={incident.status} />
        {incident.review && <Tag tone="accent">In review</Tag>}
      </Fact>
      {verdict && (
        <Fact name="Verdict">
          {verdict}
          {incident.reason && <span className="u-subtle">{words(incident.reason)}</span>}
        </Fact>
      )}
      <Fact name="Owner">
        <Person id={incident.assignee_id} nobody="Nobody" />
      </Fact>
      <Fact name="Reporter">
        <Person id={incident.reporter_id} nobody="Not known" />
      </Fact>
      <Fact name="Sharing">
        <TlpMenu />
        <PapMenu />
        {incident.restricted && (
          <Tag tone="warning">
            <EyeOff size={11} aria-hidden="true" />
            Restricted
          </Tag>
        )}
        {incident.legal_hold && (
          <Tag tone="warning">
            <Scale size={11} aria-hidden="true" />
            Legal hold
          </Tag>
        )}
      </Fact>
      {(takes || incident.tags.length > 0) && (
        <Fact name="Tags">
          <Tags />
        </Fact>
      )}
      {incident.techniques.length > 0 && (
        <Fact name="ATT&CK">
          {incident.techniques.map((one) => (
            <Technique key={one} id={one} />
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={s.fact}>
      <dt className={s.name}>{name}</dt>
      <dd className={s.value}>{children}</dd>
    </div>
  );
}
