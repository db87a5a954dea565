// The first load of the app is small, comes compressed, and is there at once the next time.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { appTests } from './support/app.mjs';
import { heading } from './support/people.mjs';
import { measureFirstLoad } from './support/load.mjs';

const MOST_BYTES = 200_000;

describe('the first load', () => {
  const test = appTests();

  test('takes no more than 200 kB, and nothing jumps', async (visitor) => {
    const { bytes, files, layoutShift } = await measureFirstLoad(visitor);
    assert.ok(files.length > 3, JSON.stringify(files));
    assert.ok(bytes <= MOST_BYTES, `${bytes} bytes: ${JSON.stringify(files)}`);
    assert.equal(layoutShift, 0);
  });

  test('is followed by loads that ask for no file with a hash in its name again', async ({ context, page }) => {
    await page.goto('/app', { waitUntil: 'networkidle' });
    const again = await context.newPage();
    const asked = [];
    again.on('response', (response) => {
      if (new URL(response.url()).pathname.startsWith('/app/assets/')) asked.push(response);
    });
    await again.goto('/app', { waitUntil: 'networkidle' });
    await heading(again, 'Log in').waitFor();
    assert.ok(asked.length > 0);
    const cached = await Promise.all(
      asked.map(async (response) => (await response.request().sizes()).responseBodySize),
    );
    const fetched = asked.filter((response, at) => !response.fromServiceWorker() && cached[at] > 0);
    assert.deepEqual(
      fetched.map((response) => response.url()),
      [],
    );
  });

  test('carries the strict content security policy on every page', async ({ page }) => {
    for (const path of ['/app', '/app/login', '/app/account', '/app/lab']) {
      const answer = await page.goto(path);
      const policy = answer.headers()['content-security-policy'];
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /script-src 'self'/);
      assert.doesNotMatch(policy, /unsafe|\*/);
    }
  });
});
