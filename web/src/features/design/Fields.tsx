import { useState } from 'react';
import { MarkdownField } from '@/domain/Markdown';
import { Checkbox } from '@/ui/Checkbox';
import { Choices } from '@/ui/Choices';
import { Combobox } from '@/ui/Combobox';
import { TextArea, TextField } from '@/ui/Field';
import { SaveBar } from '@/ui/SaveBar';
import { Select } from '@/ui/Select';
import { Switch } from '@/ui/Switch';
import s from './Design.module.css';
import { Specimen, States } from './Specimen';

const PEOPLE = [
  { value: 'a', label: 'Ada Admin', hint: 'admin' },
  { value: 'b', label: 'Ari Analyst', hint: 'analyst' },
];
const nothing = () => undefined;

/** What is filled in. */
export function Fields() {
  const [person, setPerson] = useState<string | null>('a');
  const [some, setSome] = useState<string[]>(['high']);
  const [text, setText] = useState('**Bold** and `code`.');
  return (
    <>
      <Specimen name="TextField" use="One line of text; its label is always there">
        <div className={s.fields}>
          <TextField label="Name" defaultValue="Zeek at the border" />
          <TextField label="With help" help="What others call it." placeholder="A name" />
          <TextField label="With an error" defaultValue="x" error="Twelve characters or more." />
          <TextField label="Mono" mono defaultValue="10.0.0.0/8" />
          <TextField label="Disabled" disabled defaultValue="Night shift" />
        </div>
      </Specimen>
      <Specimen name="TextArea" use="Several lines of it">
        <div className={s.fields}>
          <TextArea label="Reason" rows={2} defaultValue="Known scanner" />
          <TextArea label="Reason, refused" rows={2} error="Say why." />
        </div>
      </Specimen>
      <Specimen name="MarkdownField" use="What people write to each other; as it will be read on demand">
        <MarkdownField label="Notes" rows={3} value={text} onChange={setText} />
      </Specimen>
      <Specimen name="Select and Combobox" use="One of a few; one of many, found by typing">
        <div className={s.fields}>
          <Select
            label="Verdict"
            options={[
              ['fp', 'False positive'],
              ['tp', 'True positive'],
            ]}
            defaultValue="fp"
          />
          <Select label="Verdict, refused" error="Choose one." options={[['', 'Choose']]} />
          <Combobox label="Assignee" choices={PEOPLE} value={person} onChange={setPerson} />
          <Combobox
            label="Assignee, nobody yet"
            placeholder="A name"
            choices={PEOPLE}
            value={null}
            onChange={nothing}
            error="Say who."
          />
        </div>
      </Specimen>
      <Specimen name="Checkbox, Choices, Switch" use="Some of several; a switch holds at once">
        <div className={s.fields}>
          <States
            of={[
              ['off', <Checkbox key="off" aria-label="Off" checked={false} onChange={nothing} />],
              ['on', <Checkbox key="on" aria-label="On" checked onChange={nothing} />],
              ['some', <Checkbox key="some" aria-label="Some" indeterminate checked={false} onChange={nothing} />],
              ['disabled', <Checkbox key="no" aria-label="Disabled" disabled checked={false} onChange={nothing} />],
            ]}
          />
          <Choices
            label="Tell of"
            help="By mail."
            options={[
              { value: 'high', label: 'High' },
              { value: 'critical', label: 'Critical', hint: 'at once' },
            ]}
            value={some}
            onChange={setSome}
          />
          <Switch label="Restricted" help="Shown to members alone." defaultChecked />
          <Switch label="Off" />
          <Switch label="Disabled" disabled />
        </div>
      </Specimen>
      <Specimen name="SaveBar" use="At the foot of a form that is a page, while something is not saved">
        <SaveBar changes={2} verb="Save policy" onDiscard={nothing} onSave={nothing} />
        <SaveBar changes={1} verb="Save handover" why="A shift has a name." onDiscard={nothing} onSave={nothing} />
      </Specimen>
    </>
  );
}
