// What the first visit to the login page costs: bytes, requests, and how it feels on a device four times as slow.
import { heading } from './people.mjs';

const SLOWER = 4;

// Runs in the page before anything else.
function observe() {
  const seen = { firstPaint: 0, largestPaint: 0, layoutShift: 0, longTasks: [] };
  globalThis.latchkeyLoad = seen;
  const on = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  on('largest-contentful-paint', (entry) => {
    seen.largestPaint = entry.startTime;
  });
  on('layout-shift', (entry) => {
    if (!entry.hadRecentInput) seen.layoutShift += entry.value;
  });
  on('paint', (entry) => {
    if (entry.name === 'first-contentful-paint') seen.firstPaint = entry.startTime;
  });
  on('longtask', ({ startTime, duration }) => seen.longTasks.push({ startTime, duration }));
}

// As Lighthouse counts it: what tasks take over 50 ms each while the page is to be seen already.
function blockingTime({ firstPaint, longTasks }) {
  return longTasks
    .map(({ startTime, duration }) => startTime + duration - Math.max(startTime, firstPaint) - 50)
    .reduce((sum, over) => sum + Math.max(0, over), 0);
}

// On a fresh profile, with nothing in the cache.
export async function measureFirstLoad({ context, page }) {
  await page.addInitScript(observe);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  const files = new Map();
  devtools.on('Network.responseReceived', ({ requestId, response }) => {
    files.set(requestId, { address: new URL(response.url).pathname, bytes: 0 });
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const file = files.get(requestId);
    if (file) file.bytes = encodedDataLength; // headers and body, as they came over the wire
  });
  await page.goto('/app', { waitUntil: 'networkidle' });
  await heading(page, 'Log in').waitFor();
  const seen = await page.evaluate(() => globalThis.latchkeyLoad);
  const all = [...files.values()].sort((a, b) => b.bytes - a.bytes);
  return {
    files: all,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    requests: all.length,
    firstPaint: seen.firstPaint,
    largestPaint: seen.largestPaint,
    layoutShift: seen.layoutShift,
    blocked: blockingTime(seen),
  };
}
