import { useBlocker } from '@tanstack/react-router';
import { ConfirmDialog } from '@/ui/Dialog';

/** Asks before the page is left with something on it that is not saved. */
export function Leaving({ unsaved, what }: { unsaved: boolean; what: string }) {
  const blocker = useBlocker({
    shouldBlockFn: () => unsaved,
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return (
    <ConfirmDialog
      title={`Discard what you changed of ${what}`}
      verb="Discard"
      onConfirm={blocker.proceed}
      onLeave={blocker.reset}
    >
      It is not saved yet.
    </ConfirmDialog>
  );
}
