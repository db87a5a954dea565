// Chromium, and visits to the app that fail on anything the browser complains about.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const EXECUTABLE = process.env.LATCHKEY_CHROMIUM ?? '/usr/bin/chromium';
const PATIENCE_MILLISECONDS = 20_000;

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

export function launchBrowser() {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox', // Chromium's own sandbox does not start as root
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

// Breaches of the content security policy are in the console, like errors.
// An answer with an error status is written to the console too; whether one was expected is for the test to say.
const REFUSED_CALL = /^Failed to load resource: /;

function watch(context, problems) {
  context.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (isComplaint && !REFUSED_CALL.test(message.text())) problems.push(`console: ${message.text()}`);
  });
  context.on('weberror', (webError) => problems.push(`not caught: ${webError.error().stack}`));
}

// What a test that failed was looking at.
async function describe(context) {
  const views = context.pages().map(async (page) => {
    const seen = await page
      .locator('body')
      .ariaSnapshot({ timeout: 1000 })
      .catch((error) => `not readable: ${error.message}`);
    return `---- ${page.url()}\n${seen}`;
  });
  return (await Promise.all(views)).join('\n');
}

// Runs `body` with a fresh profile and one page. Afterwards there must have been no error on any console, no
// exception and no breach of the content security policy.
export async function visit(browser, baseURL, options, body) {
  const context = await browser.newContext({ baseURL, reducedMotion: 'reduce', viewport: DESKTOP, ...options });
  context.setDefaultTimeout(PATIENCE_MILLISECONDS);
  const problems = [];
  try {
    watch(context, problems);
    await body({ context, page: await context.newPage() });
    assert.deepEqual(problems, []);
  } catch (error) {
    const seen = [...problems, await describe(context)].join('\n');
    throw new Error(`${error.message}\n${seen}`, { cause: error });
  } finally {
    await context.close();
  }
}
