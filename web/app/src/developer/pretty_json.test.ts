import { expect, it } from 'vitest';
import { prettyJson } from './pretty_json.ts';

it.each([
  ['{"a":[1,"ä"]}', '{\n  "a": [\n    1,\n    "ä"\n  ]\n}'],
  ['<html>', '<html>'],
  ['', ''],
])('shows %o', (text, shown) => {
  expect(prettyJson(text)).toBe(shown);
});
