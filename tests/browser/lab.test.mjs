// Every case of the wiring lab, run in the browser as it is wired and as it is cured: what is expected happens.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { labCases } from '../../web/flutterflow-client/src/index.ts';
import { appTests } from './support/app.mjs';
import { button, heading } from './support/people.mjs';

const VARIANTS = {
  wrong: { run: 'Run as wired', result: 'As wired: what happened' },
  cured: { run: 'Run cured', result: 'Cured: what happened' },
};

describe('the wiring lab', () => {
  const test = appTests();

  test('lists every case, and opens the one that is chosen', async ({ page }) => {
    await page.goto('/app/lab');
    await heading(page, 'Wiring lab').waitFor();
    const list = page.getByRole('navigation', { name: 'Wrong wirings' });
    assert.equal(await list.getByRole('link').count(), labCases.length);
    const [{ id, title, cure }] = labCases;
    await list.getByRole('link', { name: title }).click();
    await page.getByText(cure).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('case'), id);
  });

  for (const labCase of labCases) {
    test(`${labCase.id}: fails as wired, works as cured`, async ({ page }) => {
      await page.goto(`/app/lab?case=${labCase.id}`);
      for (const [variant, { run, result }] of Object.entries(VARIANTS)) {
        await button(page, run).click();
        const region = page.getByRole('region', { name: result });
        await region.waitFor();
        const lines = await region.getByRole('list', { name: 'Expected' }).getByRole('listitem').allTextContents();
        assert.deepEqual(
          lines.map((line) => line.trim()),
          labCase[variant].expectations.map(({ text }) => text),
        );
        const steps = region.getByRole('list', { name: 'Steps' }).locator(':scope > li');
        assert.equal(await steps.count(), labCase.steps.length);
      }
    });
  }
});
