// Under `vite dev` and `vite preview` there is no Latchkey that serves config.json; this stands in for it.
// LATCHKEY_APP_CONFIG holds JSON that is laid over the defaults.
import type { Connect, Plugin } from 'vite';

const DEFAULTS = {
  title: 'Latchkey',
  entry_page: 'login',
  logged_in_page: 'home',
  navigation: 'automatic',
  persist: true,
  api_base: '/auth/v1',
};

function serveConfig(middlewares: Connect.Server): void {
  const changes = JSON.parse(process.env.LATCHKEY_APP_CONFIG ?? '{}') as object;
  middlewares.use('/app/config.json', (_request, response) => {
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(JSON.stringify({ ...DEFAULTS, ...changes }));
  });
}

export function devConfig(): Plugin {
  return {
    name: 'latchkey-dev-config',
    configureServer: (server) => serveConfig(server.middlewares),
    configurePreviewServer: (server) => serveConfig(server.middlewares),
  };
}
