import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { methodsQuery } from '@/api/session';
import { PasswordForm } from '@/domain/PasswordForm';
import { Section } from '@/ui/Page';
import { say } from '@/ui/toast';
import s from './SettingsPage.module.css';

/** Another password. Who signs in with the identity provider alone has none, which the server says. */
export function Password() {
  const methods = useQuery(methodsQuery);
  const [changed, setChanged] = useState(0);
  return (
    <Section
      title="Password"
      beside={methods.data?.oidc && <span className="u-subtle">not for who signs in with {methods.data.oidc}</span>}
    >
      <div className={s.form}>
        <PasswordForm
          key={changed}
          onDone={() => {
            setChanged(changed + 1);
            say({ title: 'Password changed', description: 'You are signed out everywhere else.' });
          }}
        />
      </div>
    </Section>
  );
}
