import { useSession } from '@/domain/session';
import { Avatar } from '@/ui/Avatar';
import s from './Person.module.css';
import { usePerson } from './people';

/** Somebody with initials and name; nobody as such. */
export function Person({ id, nobody = 'Unassigned' }: { id: string | null | undefined; nobody?: string }) {
  const name = usePerson(id);
  const { user } = useSession();
  return (
    <span className={s.person}>
      <Avatar name={name} me={id === user.id} />
      <span className={s.name} data-nobody={name === null ? '' : undefined}>
        {name ?? nobody}
      </span>
    </span>
  );
}
