import { words } from '@/lib/format';

/** Why a record is no event, and what usually mends it. What the server adds later is told by its own word. */
const REASONS: Record<string, readonly [said: string, mend: string]> = {
  not_json: [
    'Not JSON',
    'The record is cut off, or no JSON at all. Look at what the sender writes, or choose another format.',
  ],
  not_an_object: ['Not a JSON object', 'A list, a number or a bare word came where an object was expected.'],
  too_deep: ['Nested too deeply', 'Send fewer levels of objects and lists.'],
  empty: ['Empty', 'There is nothing in it. It can be discarded.'],
  wrong_shape: [
    'Not of this format',
    'The fields are not those of the format. Choose another format, or mend the record.',
  ],
  wrong_columns: ['Columns do not fit', 'The line has other columns than its header says.'],
  header_too_long: ['Header too long', 'The header of the log is longer than is read.'],
  several_records: ['Several records in one', 'Send each record by itself.'],
  unencodable: ['Characters that cannot be kept', 'Remove what is no valid text.'],
  older_than_retention: [
    'Older than what is kept',
    'Its time lies before the retention floor. Look at the clock of the sender.',
  ],
  redrive_failed: ['Could not be read anew', 'Reading it failed in the program itself. Try it again after an update.'],
  identity_conflict: [
    'Another record has its id',
    'A record with this identity, but other content, is stored already.',
  ],
};

export const reasonLabel = (reason: string): string => REASONS[reason]?.[0] ?? words(reason);

export const reasonMend = (reason: string): string | undefined => REASONS[reason]?.[1];
