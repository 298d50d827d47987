import { TextArea, TextField } from '@/ui/Field';
import { Stack } from '@/ui/Page';
import { Select } from '@/ui/Select';
import type { ChannelForm } from './channelForm';
import { FORMATS, type Format } from './kinds';

interface Props {
  value: ChannelForm;
  /** The host of the URL that there is; null of a new one. */
  host: string | null;
  wrong: ReadonlyMap<string, string>;
  onChange: (patch: Partial<ChannelForm>) => void;
}

/** Where a channel leads. */
export function ChannelFields({ value, host, wrong, onChange }: Props) {
  return (
    <Stack>
      <TextField
        label="Name"
        maxLength={200}
        placeholder="SOC chat"
        value={value.name}
        error={wrong.get('name')}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      {value.kind === 'email' ? (
        <TextArea
          label="E-mail addresses"
          rows={3}
          placeholder="soc@example.org"
          help="One a line, twenty at most."
          value={value.to}
          error={wrong.get('to')}
          onChange={(event) => onChange({ to: event.target.value })}
        />
      ) : (
        <Webhook value={value} host={host} wrong={wrong} onChange={onChange} />
      )}
    </Stack>
  );
}

function Webhook({ value, host, wrong, onChange }: Props) {
  return (
    <>
      <Select
        label="Format"
        value={value.format}
        options={FORMATS}
        error={wrong.get('format')}
        onChange={(event) => onChange({ format: event.target.value as Format })}
      />
      <TextField
        label={host ? 'Another URL' : 'URL'}
        type="url"
        autoComplete="off"
        spellCheck={false}
        maxLength={2000}
        placeholder={host ? `https://${host}/…` : 'https://hooks.example.org/…'}
        help={
          host
            ? 'It is a secret and not shown. Leave it empty to keep it.'
            : 'It is a secret: kept encrypted, and never shown again but for its host.'
        }
        value={value.url}
        error={wrong.get('url')}
        onChange={(event) => onChange({ url: event.target.value })}
      />
      <TextField
        label={host ? 'Another signing key' : 'Signing key'}
        type="password"
        autoComplete="new-password"
        maxLength={256}
        help={
          host
            ? 'What messages are signed with. Leave it empty to keep it.'
            : 'What messages are signed with. Leave it empty to have one made, which is shown once.'
        }
        value={value.key}
        error={wrong.get('key')}
        onChange={(event) => onChange({ key: event.target.value })}
      />
    </>
  );
}
