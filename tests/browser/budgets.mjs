// Measures the first load of /app several times and compares the medians with the budgets:
//   LATCHKEY_BINARY=… node budgets.mjs FILE.json
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startServer } from './support/app.mjs';
import { launchBrowser, visit } from './support/browser.mjs';
import { measureFirstLoad } from './support/load.mjs';

const [file] = process.argv.slice(2);
if (!file) throw new Error('usage: node budgets.mjs FILE.json');

const ROUNDS = 5;
const BUDGETS = [
  { key: 'bytes', what: 'transferred', most: 200_000, unit: 'bytes', digits: 0 },
  { key: 'requests', what: 'requests', most: 12, unit: '', digits: 0 },
  { key: 'largestPaint', what: 'largest contentful paint', most: 2500, unit: 'ms', digits: 0 },
  { key: 'blocked', what: 'total blocking time', most: 200, unit: 'ms', digits: 0 },
  { key: 'layoutShift', what: 'cumulative layout shift', most: 0, unit: '', digits: 5 },
];

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const rounds = [];
const [server, browser] = await Promise.all([startServer(), launchBrowser()]);
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    await visit(browser, server.url, {}, async (visitor) => {
      rounds.push(await measureFirstLoad(visitor));
    });
  }
} finally {
  await browser.close();
  await server.stop();
}

const results = BUDGETS.map(({ key, what, most, unit, digits }) => {
  const value = median(rounds.map((round) => round[key]));
  return { key, what, value: Number(value.toFixed(digits)), most, unit, held: value <= most };
});

console.log(`First load of /app, CPU four times as slow, median of ${ROUNDS}`);
for (const { address, bytes } of rounds[0].files) console.log(`  ${String(bytes).padStart(7)}  ${address}`);
for (const { what, value, most, unit, held } of results) {
  console.log(
    `${held ? 'ok  ' : 'FAIL'}  ${what.padEnd(25)} ${String(value).padStart(7)} of at most ${most} ${unit}`.trimEnd(),
  );
}
await mkdir(path.dirname(file), { recursive: true });
await writeFile(file, `${JSON.stringify({ results, rounds }, null, 2)}\n`);
process.exitCode = results.every(({ held }) => held) ? 0 : 1;
