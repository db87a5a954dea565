// What axe-core finds on a page as it is shown now.
import assert from 'node:assert/strict';
import axe from 'axe-core';

// Nothing moves any more: what is half faded in has other colours than what one reads.
export function settled(page) {
  return page.evaluate(async () => {
    await document.fonts.ready;
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    // A change of colours or size is drawn with the next frame; what it sets in motion may set more in motion.
    do await drawn();
    while (document.getAnimations().some(({ playState }) => playState === 'running'));
  });
}

// All rules of axe, the good practices included.
export async function assertAccessible(page, what) {
  await settled(page);
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${what}: ${id}: ${help}\n  ${html}\n  ${failureSummary}`),
  );
  assert.deepEqual(found, []);
}

// Nothing is cut off or needs scrolling sideways.
export async function assertFits(page, what) {
  const [needed, given] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(needed <= given, `${what} is ${needed} px wide in a window of ${given} px`);
}
