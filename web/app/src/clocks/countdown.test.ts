import { describe, expect, it } from 'vitest';
import { formatCountdown, shareLeft, speakCountdown } from './countdown.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

describe('formatCountdown', () => {
  it.each([
    [0, '0:00'],
    [-5 * SECOND, '0:00'],
    [1, '0:01'],
    [9 * SECOND, '0:09'],
    [61 * SECOND, '1:01'],
    [HOUR - 1, '1:00:00'],
    [HOUR + 62 * SECOND, '1:01:02'],
    [DAY, '1 d 00:00:00'],
    [29 * DAY + 23 * HOUR + 59 * SECOND, '29 d 23:00:59'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(formatCountdown(milliseconds)).toBe(text);
  });
});

describe('speakCountdown', () => {
  it.each([
    [0, 'less than a minute'],
    [60 * SECOND, '1 minute'],
    [HOUR + 120 * SECOND, '1 hour and 2 minutes'],
    [2 * DAY + 4 * HOUR + 60 * SECOND, '2 days and 4 hours'],
  ])('%d ms is "%s"', (milliseconds, text) => {
    expect(speakCountdown(milliseconds)).toBe(text);
  });
});

describe('shareLeft', () => {
  it('goes from one to zero and stays there', () => {
    expect([90, 100, 150, 200, 210].map((now) => shareLeft(now, 100, 200))).toEqual([1, 1, 0.5, 0, 0]);
    expect(shareLeft(5, 10, 10)).toBe(0);
  });
});
