// Fails the build when the first load of the app gets too large: everything that index.html names, the font of
// Latin text among it, as the server sends it to a browser that takes Brotli.
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'vite';

const MOST_BYTES = 200_000;
const FONT = /\/figtree-latin-wght-normal-.*\.woff2$/;

// The files of the app that a page names in its src and href attributes.
export function filesNamedIn(html: string, base: string): string[] {
  const names = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name ?? '');
  return names.filter((name) => name.startsWith(`${base}assets/`)).map((name) => name.slice(base.length));
}

async function sentBytes(file: string): Promise<number> {
  const compressed = await stat(`${file}.br`).catch(() => undefined);
  return (compressed ?? (await stat(file))).size;
}

export function budget(): Plugin {
  let folder = '';
  let base = '';
  return {
    name: 'latchkey-budget',
    apply: 'build',
    configResolved: (config) => {
      folder = path.resolve(config.root, config.build.outDir);
      base = config.base;
    },
    closeBundle: {
      // After precompress has written its files.
      order: 'post',
      sequential: true,
      handler: async () => {
        const html = await readFile(path.join(folder, 'index.html'), 'utf8');
        const files = ['index.html', ...filesNamedIn(html, base)];
        if (!files.some((name) => FONT.test(name))) throw new Error('index.html names no font: text would jump');
        const sizes = await Promise.all(files.map((file) => sentBytes(path.join(folder, file))));
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const figure = `First load: ${files.length} files, ${(total / 1000).toFixed(1)} kB of at most ${MOST_BYTES / 1000} kB compressed`;
        if (total > MOST_BYTES) throw new Error(figure);
        console.log(figure);
      },
    },
  };
}
