import s from './Find.module.css';

interface Props {
  /** What is looked for, as "Find a field". */
  label: string;
  placeholder?: string;
  value: string;
  onChange: (text: string) => void;
}

/** Looks for something in a list that is there. */
export const Find = ({ label, placeholder = label, value, onChange }: Props) => (
  <input
    className={s.find}
    type="search"
    aria-label={label}
    placeholder={placeholder}
    value={value}
    onChange={(event) => onChange(event.target.value)}
  />
);
