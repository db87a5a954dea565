// What the server says about the app: read once, before anything is shown.
export const PAGES = ['login', 'signup', 'home', 'account'] as const;
export type PageName = (typeof PAGES)[number];

export interface AppConfig {
  title: string;
  entryPage: PageName;
  loggedInPage: PageName;
  navigation: 'automatic' | 'manual';
  persist: boolean;
  apiBase: string;
}

export class ConfigError extends Error {
  override name = 'ConfigError';
}

export function isPage(value: unknown): value is PageName {
  return PAGES.some((page) => page === value);
}

function page(json: Record<string, unknown>, name: string): PageName {
  const value = json[name];
  if (!isPage(value)) throw new ConfigError(`${name} must be one of ${PAGES.join(', ')}.`);
  return value;
}

function text(json: Record<string, unknown>, name: string): string {
  const value = json[name];
  if (typeof value !== 'string' || value === '') throw new ConfigError(`${name} must be a text that is not empty.`);
  return value;
}

export function parseConfig(json: unknown): AppConfig {
  if (typeof json !== 'object' || json === null) throw new ConfigError('The configuration must be a JSON object.');
  const values = json as Record<string, unknown>;
  const { navigation, persist } = values;
  if (navigation !== 'automatic' && navigation !== 'manual') {
    throw new ConfigError('navigation must be automatic or manual.');
  }
  if (typeof persist !== 'boolean') throw new ConfigError('persist must be true or false.');
  const config: AppConfig = {
    title: text(values, 'title'),
    entryPage: page(values, 'entry_page'),
    loggedInPage: page(values, 'logged_in_page'),
    navigation,
    persist,
    apiBase: text(values, 'api_base').replace(/\/+$/, ''),
  };
  if (config.entryPage === config.loggedInPage) {
    throw new ConfigError('entry_page and logged_in_page must differ: one shows to people who are signed out.');
  }
  return config;
}

export async function loadConfig(address: string): Promise<AppConfig> {
  const answer = await fetch(address, { credentials: 'same-origin' }).catch(() => undefined);
  if (!answer) throw new ConfigError('The server cannot be reached.');
  if (!answer.ok) throw new ConfigError(`The server answered ${answer.status} for ${address}.`);
  const json: unknown = await answer.json().catch(() => {
    throw new ConfigError(`What the server sent for ${address} is not JSON.`);
  });
  return parseConfig(json);
}
