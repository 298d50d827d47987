import { expect, test } from 'vitest';
import { tagsIn } from './tagsIn';

test('tags are parted by commas, and each is new', () => {
  expect(tagsIn(' ssh, ,Perimeter,perimeter, SSH ,two words', ['ssh'])).toEqual(['Perimeter', 'two words']);
});
