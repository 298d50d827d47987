import { type Page, test } from '@playwright/test';

/** Takes one, under a name. */
export type Picture = (page: Page, name: string) => Promise<void>;

/** Pictures that are kept with what the test leaves behind, passed or not, numbered in their order. */
export function album(): Picture {
  let taken = 0;
  console.log(`pictures: ${test.info().outputDir}`);
  return async (page, name) => {
    taken += 1;
    const path = test.info().outputPath(`${String(taken).padStart(2, '0')}-${name.replaceAll(' ', '-')}.png`);
    await page.screenshot({ path });
    test.info().attachments.push({ name, path, contentType: 'image/png' });
  };
}
