import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ErrorState } from '@/domain/ErrorState';
import { SeverityBadge } from '@/domain/Severity';
import { useSession } from '@/domain/session';
import { Time } from '@/domain/Time';
import { Tlp } from '@/domain/Tlp';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { Row, Section } from '@/ui/Page';
import { Skeleton } from '@/ui/Skeleton';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { type Template, templatesQuery, useRetireTemplate } from './queries';
import s from './Templates.module.css';

interface Props {
  retired: boolean;
  onOpen: (id: string) => void;
  onCreate: () => void;
}

/** Templates by name, with what an incident begins with. */
export function Templates({ retired, onOpen, onCreate }: Props) {
  const list = useInfiniteQuery(templatesQuery(retired));
  const [retiring, setRetiring] = useState<Template | null>(null);
  const { memberships } = useSession();
  if (list.isError && !list.data) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton />;
  const organization = (id: string) => memberships.find((one) => one.organization_id === id)?.organization;
  const columns: Column<Template>[] = [
    { name: 'Name', grow: true, cell: (one) => <Name template={one} onOpen={() => onOpen(one.id)} /> },
    ...(memberships.length > 1
      ? [{ name: 'Organization', cell: (one: Template) => organization(one.organization_id) }]
      : []),
    {
      name: 'Severity',
      cell: (one) =>
        one.severity === null ? (
          <span className="u-subtle">of its alerts</span>
        ) : (
          <SeverityBadge severity={one.severity} />
        ),
    },
    { name: 'Marked', minor: true, cell: (one) => one.tlp && <Tlp level={one.tlp} /> },
    { name: 'Tasks', cell: (one) => <Tasks template={one} /> },
    { name: 'Fields', minor: true, align: 'end', cell: (one) => one.fields.length },
    { name: 'Version', minor: true, align: 'end', cell: (one) => one.revision },
    { name: 'Changed', minor: true, cell: (one) => <Time at={one.updated_at} /> },
    ...(retired
      ? []
      : [
          {
            name: 'Actions',
            align: 'end' as const,
            cell: (one: Template) => (
              <Button size="sm" variant="ghost" onClick={() => setRetiring(one)} aria-label={`Retire ${one.name}`}>
                Retire…
              </Button>
            ),
          },
        ]),
  ];
  return (
    <Section title={retired ? 'Retired' : 'Offered'} flush>
      <Table
        label="Templates"
        columns={columns}
        rows={list.data.pages.flatMap((page) => page.items)}
        keyOf={(one) => one.id}
        empty={
          retired ? (
            <State title="None is retired">What is retired is offered no longer; incidents made of it stay.</State>
          ) : (
            <State title="No template yet" action={<Button onClick={onCreate}>Create template…</Button>}>
              A template gives incidents of a kind their tasks, fields and words.
            </State>
          )
        }
        more={list.hasNextPage ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage } : undefined}
      />
      {retiring && <RetireDialog template={retiring} onLeave={() => setRetiring(null)} />}
    </Section>
  );
}

function Name({ template, onOpen }: { template: Template; onOpen: () => void }) {
  return (
    <div className={s.name}>
      <button type="button" className={s.open} onClick={onOpen}>
        {template.name}
      </button>
      {template.description && <span className={s.description}>{template.description}</span>}
      {template.tags.length > 0 && (
        <Row>
          {template.tags.map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </Row>
      )}
    </div>
  );
}

function Tasks({ template }: { template: Template }) {
  const required = template.tasks.filter((task) => task.required === true).length;
  return (
    <span className={s.tasks}>
      {template.tasks.length}
      {required > 0 && <span className="u-subtle"> {required} required</span>}
    </span>
  );
}

function RetireDialog({ template, onLeave }: { template: Template; onLeave: () => void }) {
  const retire = useRetireTemplate();
  return (
    <ConfirmDialog
      title={`Retire ${template.name}`}
      verb="Retire"
      busy={retire.isPending}
      onConfirm={() => retire.mutate(template, { onSettled: onLeave })}
      onLeave={onLeave}
    >
      It is offered no longer, and that cannot be taken back; its name is free for another. Incidents that were made of
      it stay as they are.
    </ConfirmDialog>
  );
}
