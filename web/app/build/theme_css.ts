// Mantine would write its theme into a <style> element while the page runs, which a strict content security
// policy refuses. This writes it at build time instead, as the style sheet `virtual:theme.css`.
import {
  convertCssVariables,
  deepMerge,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from '@mantine/core';
import type { Plugin } from 'vite';
import { cssVariables, theme } from '../src/theme/theme.ts';

const NAME = 'virtual:theme.css';
const UNUSED_COLORS = /^--mantine-color-(pink|grape|violet|indigo|cyan|green|lime|orange|blue)-/;

function used(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !UNUSED_COLORS.test(name)));
}

export function themeCss(): string {
  const whole = mergeMantineTheme(DEFAULT_THEME, theme);
  const all = deepMerge(defaultCssVariablesResolver(whole), cssVariables(whole));
  return convertCssVariables({ variables: used(all.variables), light: used(all.light), dark: used(all.dark) }, ':root');
}

export function themeCssPlugin(): Plugin {
  return {
    name: 'latchkey-theme-css',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) => (id === `\0${NAME}` ? themeCss() : undefined),
  };
}
