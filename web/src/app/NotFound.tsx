import { Link } from '@tanstack/react-router';
import { State } from '@/ui/State';
import { PATHS } from './paths';

/** For a path that leads nowhere. */
export function NotFound() {
  return (
    <State title="There is no such page" action={<Link to={PATHS.shift}>Back to the start</Link>}>
      The address may be mistyped, or what it named is gone.
    </State>
  );
}
