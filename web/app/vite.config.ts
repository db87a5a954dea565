import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { budget } from './build/budget.ts';
import { devConfig } from './build/dev_config.ts';
import { precompress } from './build/precompress.ts';
import { themeCssPlugin } from './build/theme_css.ts';

// What the binary sends with every file of the app; `vite preview` sends it too, so that a breach shows at once.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "form-action 'self'",
].join('; ');

const server = process.env.LATCHKEY_URL ?? 'http://127.0.0.1:8484';
const proxy = { '^/(test/)?auth/': server, '/openapi.json': server, '/flutterflow/': server };

export default defineConfig({
  base: '/app/',
  plugins: [react(), themeCssPlugin(), devConfig(), precompress(), budget()],
  build: {
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600, // kB before compression; budget() below holds the figure that counts
    modulePreload: { polyfill: false },
    // The client package only declares things, so its lab can stay out of the first load.
    rolldownOptions: {
      // One file for what every page needs, rather than a request for each part that pages share.
      output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } },
      treeshake: { moduleSideEffects: [{ test: /flutterflow-client/, sideEffects: false }] },
    },
  },
  server: { host: '127.0.0.1', proxy },
  preview: { host: '127.0.0.1', proxy, headers: { 'Content-Security-Policy': CONTENT_SECURITY_POLICY } },
  test: { environment: 'node', include: ['src/**/*.test.ts', 'build/**/*.test.ts'] },
});
