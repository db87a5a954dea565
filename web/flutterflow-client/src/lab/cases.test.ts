import { describe, expect, it } from 'vitest';

import { labCases, runLabCase } from './cases.ts';
import { systemClock } from '../ports.ts';
import { FakeServer } from '../testing/fake_server.ts';
import type { LabVariant } from './cases.ts';

// LATCHKEY_URL=http://127.0.0.1:8484/auth/v1 runs the same cases against that server.
declare const process: { env: Record<string, string | undefined> };
const realUrl = process.env.LATCHKEY_URL;
const server = new FakeServer({ clock: systemClock });
const options = {
  baseUrl: realUrl ?? 'http://fake.test/auth/v1',
  fetch: realUrl === undefined ? server.fetch : (input: string, init: RequestInit) => fetch(input, init),
  account: { email: `lab-${crypto.randomUUID()}@example.com`, password: 'violet-harbour-41-kettle' },
};

describe.each(labCases.map((labCase) => [labCase.id, labCase] as const))('%s', (_, labCase) => {
  it.each<LabVariant>(['wrong', 'cured'])('%s: every expectation holds', async (variant) => {
    const run = await runLabCase(labCase, variant, options);
    expect(run.records).toHaveLength(labCase.steps.length);
    const failed = run.expectations.filter(({ holds }) => !holds).map(({ text }) => text);
    expect(failed, JSON.stringify(run.records, null, 1)).toEqual([]);
  });
});

it('has a different outcome for wrong and cured in every case', async () => {
  for (const labCase of labCases) {
    const wrong = await runLabCase(labCase, 'wrong', options);
    const holds = labCase.cured.expectations.every((expectation) => expectation.holds(wrong.records));
    expect(holds, labCase.id).toBe(false);
  }
});

it('shows no password and no whole token in its records', async () => {
  for (const labCase of labCases) {
    const text = JSON.stringify(await runLabCase(labCase, 'wrong', options));
    expect(text, labCase.id).not.toContain('violet');
    expect(text, labCase.id).not.toMatch(/lk_rt_[\w-]{12}/);
    expect(text, labCase.id).not.toMatch(/eyJ[\w-]{12}/);
  }
});
