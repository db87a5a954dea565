// axe-core finds nothing on any page, light and dark, on a phone and on a desktop; and every page fits its window.
import { describe } from 'node:test';
import { assertAccessible, assertFits } from './support/accessibility.mjs';
import { appTests } from './support/app.mjs';
import { DESKTOP, PHONE } from './support/browser.mjs';
import { VIEWS } from './support/views.mjs';

const SIZES = { phone: PHONE, desktop: DESKTOP };
const SMALLEST_PHONE = { width: 320, height: 568 };

describe('every page', () => {
  const test = appTests();
  for (const { name, show } of VIEWS) {
    test(`is accessible and fits: ${name}`, async (visitor) => {
      const { page } = visitor;
      await show(visitor);
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        await assertFits(page, `${name} on a ${size}`);
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme });
          await assertAccessible(page, `${name} on a ${size}, ${colorScheme}`);
        }
      }
      await page.setViewportSize(SMALLEST_PHONE);
      await assertFits(page, `${name} on the smallest phone`);
    });
  }
});
