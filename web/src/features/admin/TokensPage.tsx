import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/ui/Button';
import { Page } from '@/ui/Page';
import { CreateTokenDialog } from './tokens/CreateTokenDialog';
import { Tokens } from './tokens/Tokens';

/** The keys of programs: one's own, and those of others for who administers them. */
export default function TokensPage() {
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title="API tokens"
      actions={
        <Button variant="primary" onClick={() => setCreating(true)}>
          <KeyRound size={14} aria-hidden="true" />
          Create token…
        </Button>
      }
    >
      <Tokens onCreate={() => setCreating(true)} />
      {creating && <CreateTokenDialog onLeave={() => setCreating(false)} />}
    </Page>
  );
}
