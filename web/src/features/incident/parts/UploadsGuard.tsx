import { useBlocker } from '@tanstack/react-router';
import { ConfirmDialog } from '@/ui/Dialog';
import type { Uploading } from '../uploads';

/** Asks before the page is left while files are on their way, for leaving it cancels them. */
export function UploadsGuard({ uploads: { uploads } }: { uploads: Uploading }) {
  const going = uploads.filter((one) => one.error === undefined).length;
  const blocker = useBlocker({
    // From tab to tab the page stays.
    shouldBlockFn: ({ current, next }) => going > 0 && current.pathname !== next.pathname,
    enableBeforeUnload: () => going > 0,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  const files = going === 1 ? '1 file' : `${going} files`;
  return (
    <ConfirmDialog
      title={`Cancel the upload of ${files}`}
      verb="Leave and cancel"
      onConfirm={blocker.proceed}
      onLeave={blocker.reset}
    >
      {files} {going === 1 ? 'is' : 'are'} on the way; leaving the page cancels {going === 1 ? 'it' : 'them'}.
    </ConfirmDialog>
  );
}
