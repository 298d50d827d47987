import { X } from 'lucide-react';
import { useState } from 'react';
import { api } from '@/api/client';
import { Person } from '@/domain/Person';
import { usePeopleOf } from '@/domain/people';
import { Button, IconButton } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { Popover } from '@/ui/Popover';
import { Tag } from '@/ui/Tag';
import { useChange } from '../change';
import { useHere } from '../here';
import { Part } from '../parts/Part';
import s from './Side.module.css';

/** Who sees it while it is restricted. */
export function Members() {
  const { incident, takes } = useHere();
  const change = useChange(incident.id);
  if (!incident.restricted && incident.members.length === 0) return null;
  const path = { incident_id: incident.id };
  return (
    <Part
      title="Members"
      beside={<span className="u-subtle">{incident.restricted ? 'nobody else sees it' : 'not restricted now'}</span>}
      actions={
        takes && (
          <Popover title="Add a member" trigger={<Button size="sm">Add…</Button>}>
            {(leave) => <Adder onDone={leave} />}
          </Popover>
        )
      }
    >
      <ul className={s.list}>
        {incident.members.map((member) => (
          <li key={member.user_id} className={s.one}>
            <Person id={member.user_id} />
            {takes && (
              <IconButton
                size="sm"
                label="Remove this member"
                disabled={change.isPending}
                onClick={() =>
                  change.mutate({
                    send: () =>
                      api.DELETE('/api/v1/incidents/{incident_id}/members/{user_id}', {
                        params: { path: { ...path, user_id: member.user_id } },
                      }),
                    said: 'Removed the member',
                  })
                }
              >
                <X size={12} aria-hidden="true" />
              </IconButton>
            )}
            {member.broke_glass && (
              <span className={s.under}>
                <Tag tone="warning">broke the glass</Tag>
                {member.reason}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Adder({ onDone }: { onDone: () => void }) {
  const { incident } = useHere();
  const there = new Set(incident.members.map((one) => one.user_id));
  const people = usePeopleOf(incident.organization_id).filter(({ value }) => !there.has(value));
  const [who, setWho] = useState<string | null>(null);
  const change = useChange(incident.id, { onDone });
  return (
    <>
      <Combobox label="Person" choices={people} value={who} onChange={setWho} autoFocus />
      <Button
        variant="primary"
        busy={change.isPending}
        disabled={who === null}
        onClick={() =>
          who !== null &&
          change.mutate({
            send: () =>
              api.POST('/api/v1/incidents/{incident_id}/members', {
                params: { path: { incident_id: incident.id } },
                body: { user_id: who },
              }),
            said: 'Added a member',
          })
        }
      >
        Add
      </Button>
    </>
  );
}
