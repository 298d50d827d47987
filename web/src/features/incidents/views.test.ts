import { expect, test } from 'vitest';
import { contentOf, searchOfView, VIEWS } from './views';

test.each(VIEWS.map((view) => [view.name, view] as const))(
  'the view %s is found again in the list it opens',
  (_, view) => {
    expect(contentOf(searchOfView(view.key, view.content))).toEqual(view.content);
  },
);
