import s from './Avatar.module.css';

/** A person by initials; nobody as an empty ring. */
export function Avatar({ name, me = false }: { name: string | null; me?: boolean }) {
  if (name === null)
    return (
      <span className={s.avatar} data-empty="" role="img" aria-label="Unassigned" title="Unassigned">
        {/* It stands on the line of its neighbours, as initials do. */ '\u200b'}
      </span>
    );
  return (
    <span className={s.avatar} data-me={me ? '' : undefined} role="img" aria-label={name} title={name}>
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = name.split(/[\s@.]+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? '')][0]?.toUpperCase() ?? '')
    .join('');
}
