import { Ellipsis, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Menu } from '@/ui/Menu';
import { Popover } from '@/ui/Popover';
import { Segmented } from '@/ui/Segmented';
import { Tabs } from '@/ui/Tabs';
import { Specimen, States } from './Specimen';

const VARIANTS = ['default', 'primary', 'ghost', 'danger'] as const;
const SIZES = ['sm', 'md', 'lg'] as const;
const nothing = () => undefined;

/** What is pressed. */
export function Actions() {
  const [span, setSpan] = useState(7);
  const [tab, setTab] = useState<'one' | 'two'>('one');
  return (
    <>
      <Specimen name="Button" use="Does something; one primary on a page. What goes somewhere is a link.">
        <States
          of={[
            ...VARIANTS.map(
              (variant) =>
                [
                  variant,
                  <Button key={variant} variant={variant}>
                    Acknowledge
                  </Button>,
                ] as const,
            ),
            ...SIZES.map(
              (size) =>
                [
                  size,
                  <Button key={size} size={size}>
                    Assign
                  </Button>,
                ] as const,
            ),
            [
              'with its key',
              <Button key="key" variant="primary">
                Close alert<Kbd>C</Kbd>
              </Button>,
            ],
            [
              'with an icon',
              <Button key="icon">
                <Plus size={13} aria-hidden="true" />
                Add sensor
              </Button>,
            ],
            [
              'busy',
              <Button key="busy" variant="primary" busy>
                Save
              </Button>,
            ],
            [
              'disabled',
              <Button key="disabled" disabled>
                Sign
              </Button>,
            ],
          ]}
        />
      </Specimen>
      <Specimen
        name="IconButton"
        use="Where there is no room for a word and the icon is known; its name is told all the same"
      >
        <States
          of={[
            [
              'sm',
              <IconButton key="sm" size="sm" label="Edit">
                <Pencil size={13} aria-hidden="true" />
              </IconButton>,
            ],
            [
              'md',
              <IconButton key="md" label="Remove">
                <Trash2 size={14} aria-hidden="true" />
              </IconButton>,
            ],
            [
              'disabled',
              <IconButton key="off" label="More" disabled>
                <Ellipsis size={14} aria-hidden="true" />
              </IconButton>,
            ],
          ]}
        />
      </Specimen>
      <Specimen name="Link" use="Goes somewhere; strong where it is the name of a row">
        <States
          of={[
            [
              'u-link',
              <a key="link" href="#actions" className="u-link">
                All handovers
              </a>,
            ],
            [
              'u-strong',
              <a key="strong" href="#actions" className="u-strong">
                #12 Phishing
              </a>,
            ],
          ]}
        />
      </Specimen>
      <Specimen name="Menu" use="Several things that can be done with one thing; what cannot be done now says why">
        <Menu
          trigger={<Button>Actions</Button>}
          items={[
            { label: 'Acknowledge', keys: 'E', onSelect: nothing },
            { label: 'Assigned to me', chosen: true, onSelect: nothing },
            { label: 'Reopen', why: 'It is open.', onSelect: nothing },
            'line',
            { label: 'Delete', tone: 'danger', onSelect: nothing },
          ]}
        />
      </Specimen>
      <Specimen name="Popover" use="A few controls beside the button that opens them">
        <Popover title="Looks" trigger={<Button>Looks</Button>}>
          {(leave) => <Button onClick={leave}>Close</Button>}
        </Popover>
      </Specimen>
      <Specimen name="Segmented" use="One of two to four, at once; with more, or in a form, a Select">
        <States
          of={[
            [
              'with its label',
              <Segmented
                key="label"
                label="Theme"
                value="dark"
                options={[
                  ['dark', 'Dark'],
                  ['light', 'Light'],
                ]}
                onChange={nothing}
              />,
            ],
            [
              'bare',
              <Segmented
                key="bare"
                label="Over"
                bare
                value={span}
                options={[
                  [7, '7 days'],
                  [30, '30 days'],
                  [90, '90 days'],
                ]}
                onChange={setSpan}
              />,
            ],
          ]}
        />
      </Specimen>
      <Specimen name="Tabs" use="Parts of one thing, of which one is shown; which one is in the URL">
        <Tabs
          label="Parts"
          tabs={[
            { key: 'one', label: 'Overview' },
            { key: 'two', label: 'Notes', count: 4 },
          ]}
          value={tab}
          onChange={setTab}
        >
          <p className="u-muted">What is under the tab that is chosen.</p>
        </Tabs>
      </Specimen>
      <Specimen name="Kbd" use="The key that does the same, on the control that does it">
        <States
          of={[
            ['one', <Kbd key="one">E</Kbd>],
            ['a chord', <Kbd key="chord">Ctrl K</Kbd>],
            ['named', <Kbd key="named">Esc</Kbd>],
          ]}
        />
      </Specimen>
    </>
  );
}
