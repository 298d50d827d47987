import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Reply } from '@/domain/Reply';
import { Button } from '@/ui/Button';
import { Code } from '@/ui/Code';
import s from './EventDrawer.module.css';
import { originalQuery } from './queries';

/** The record byte by byte as it came. It is asked for only when somebody wants it, for the audit keeps that. */
export function Original({ id }: { id: string }) {
  const [wanted, setWanted] = useState(false);
  const original = useQuery({ ...originalQuery(id), enabled: wanted });
  if (!wanted && !original.data)
    return (
      <div className={s.part}>
        <p className="u-muted">
          The record as the sensor sent it, before anything was read from it. The audit keeps who looked.
        </p>
        <div>
          <Button onClick={() => setWanted(true)}>Show the record</Button>
        </div>
      </div>
    );
  return (
    <div className={s.part}>
      <Reply of={original} lines={6}>
        {({ original: text, original_encoding }) => (
          <>
            {original_encoding === 'base64' && (
              <p className="u-subtle">These bytes are no UTF-8; they are in base64.</p>
            )}
            <Code text={text ?? ''} label="Raw record" />
          </>
        )}
      </Reply>
    </div>
  );
}
