import { Upload as UploadIcon } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { formatBytes } from '@/lib/format';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { Progress } from '@/ui/Progress';
import { useHere } from '../here';
import type { Upload } from '../uploads';
import s from './EvidenceTab.module.css';

/** Hand files in: chosen, or dropped here. */
export function Uploads() {
  const { uploads, add, cancel, again } = useHere().uploads;
  const [description, setDescription] = useState('');
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  function take(files: FileList | null) {
    if (!files || files.length === 0) return;
    add([...files], description.trim());
    setDescription('');
  }
  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  }
  return (
    <section
      className={s.drop}
      aria-label="Add files"
      data-over={over ? '' : undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <div className={s.choose}>
        <TextField
          label="What the next file is"
          value={description}
          maxLength={2_000}
          onChange={(event) => setDescription(event.target.value)}
        />
        <Button variant="primary" size="lg" onClick={() => input.current?.click()}>
          <UploadIcon size={13} aria-hidden="true" />
          Choose files…
        </Button>
      </div>
      <p className="u-subtle">Or drop files here. They are kept as they are, and hashed as they come.</p>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files"
        onChange={(event) => {
          take(event.target.files);
          // The same file can be chosen again.
          event.target.value = '';
        }}
      />
      {uploads.map((one) => (
        <OnItsWay key={one.id} one={one} onCancel={() => cancel(one.id)} onAgain={() => again(one)} />
      ))}
    </section>
  );
}

function OnItsWay({ one, onCancel, onAgain }: { one: Upload; onCancel: () => void; onAgain: () => void }) {
  const percent = Math.floor(one.share * 100);
  return (
    <div className={s.upload}>
      <span className="u-cut">
        {one.file.name} <span className="u-subtle">{formatBytes(one.file.size)}</span>
      </span>
      {one.error ? (
        <Button size="sm" onClick={onAgain}>
          Try again
        </Button>
      ) : (
        <span className="u-subtle">{percent < 100 ? `${percent} %` : 'being checked…'}</span>
      )}
      <Button size="sm" onClick={onCancel}>
        {one.error ? 'Dismiss' : 'Cancel'}
      </Button>
      {one.error ? (
        <p className={s.error} role="alert">
          {one.error}
        </p>
      ) : (
        <Progress label={`${one.file.name}: sent`} value={one.share} max={1} />
      )}
    </div>
  );
}
