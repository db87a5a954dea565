import { createContext, use } from 'react';
import type { AppConfig } from './app_config.ts';

export const ConfigContext = createContext<AppConfig | undefined>(undefined);

export function useConfig(): AppConfig {
  const config = use(ConfigContext);
  if (!config) throw new Error('The configuration is read before anything is shown.');
  return config;
}
