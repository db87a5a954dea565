import { expect, it } from 'vitest';
import { filesNamedIn } from './budget.ts';

it('finds the scripts and style sheets of a page, and nothing else', () => {
  const html = `
    <link rel="preload" href="/app/config.json" as="fetch" />
    <script type="module" src="/app/assets/index-1.js"></script>
    <link rel="modulepreload" href="/app/assets/box-2.js" />
    <link rel="stylesheet" href="/app/assets/index-3.css" />
    <a href="/openapi.json">API</a>`;
  expect(filesNamedIn(html, '/app/')).toEqual(['assets/index-1.js', 'assets/box-2.js', 'assets/index-3.css']);
});
