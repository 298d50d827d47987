import { Banner } from '@/ui/Banner';

/** What somebody else made of a thing while it is written here: what is another now, and what it is. */
export function Others({ now }: { now: readonly (readonly [name: string, value: string])[] }) {
  if (now.length === 0) return null;
  const said = now.map(([name, value]) => `${name}: ${value || 'none'}`);
  return (
    <Banner tone="warning">
      Somebody changed it meanwhile: {said.join('; ')}. Only what you change is saved over it.
    </Banner>
  );
}
