import { expect, test } from 'vitest';
import { tagsOf } from './tags';

test('tags are parted by commas, and may have blanks in them', () => {
  expect(tagsOf(' vip, lateral movement ,,vip\nlab')).toEqual(['vip', 'lateral movement', 'lab']);
  expect(tagsOf(' ')).toEqual([]);
});
