// Writes a picture of every page in every size and both colour schemes:
//   LATCHKEY_BINARY=… node screenshots.mjs FOLDER
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { settled } from './support/accessibility.mjs';
import { startServer } from './support/app.mjs';
import { DESKTOP, PHONE, launchBrowser, visit } from './support/browser.mjs';
import { VIEWS } from './support/views.mjs';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node screenshots.mjs FOLDER');
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });

const SIZES = { phone: PHONE, desktop: DESKTOP };
const SCHEMES = ['light', 'dark'];

const [server, browser] = await Promise.all([startServer(), launchBrowser()]);
try {
  for (const { name, show } of VIEWS) {
    // A snack bar does not stay for four pictures, so each is taken on a visit of its own.
    for (const [size, viewport] of Object.entries(SIZES)) {
      for (const colorScheme of SCHEMES) {
        await visit(browser, server.url, { viewport, colorScheme }, async (visitor) => {
          await show({ ...visitor, server });
          await settled(visitor.page);
          const file = path.join(folder, `${name}-${size}-${colorScheme}.png`);
          // A dialog belongs to the window. Otherwise the window is made as long as the page, so that what sticks to
          // the bottom of the window covers nothing.
          if ((await visitor.page.getByRole('dialog').count()) === 0) {
            const height = await visitor.page.evaluate(() => document.documentElement.scrollHeight);
            await visitor.page.setViewportSize({ ...viewport, height: Math.max(height, viewport.height) });
            await settled(visitor.page);
          }
          await visitor.page.screenshot({ path: file, animations: 'disabled' });
        });
      }
    }
    console.log(name);
  }
} finally {
  await browser.close();
  await server.stop();
}
console.log(`${VIEWS.length * Object.keys(SIZES).length * SCHEMES.length} pictures in ${folder}`);
