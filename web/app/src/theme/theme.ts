// The look: one accent colour, calm greys, and contrasts that hold in light and dark.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const brand: MantineColorsTuple = [
  '#effcf9',
  '#d3f4ec',
  '#a9e8db',
  '#78d8c8',
  '#4ac2b1',
  '#26a797',
  '#138a7d',
  '#0f766e',
  '#0f5f59',
  '#124e4a',
];

const gray: MantineColorsTuple = [
  '#f6f8f8',
  '#eef1f1',
  '#e2e7e7',
  '#d2d9d9',
  '#b4bebe',
  '#8d9999',
  '#667373',
  '#4c5858',
  '#344040',
  '#1d2727',
];

const dark: MantineColorsTuple = [
  '#e3e8e7',
  '#c4cdcb',
  '#9daaa7',
  '#6f7d7a',
  '#46524f',
  '#333e3c',
  '#232c2b',
  '#1a2221',
  '#121918',
  '#0c1211',
];

// Its seventh shade holds white text.
const red: MantineColorsTuple = [
  '#fff5f5',
  '#ffe3e3',
  '#ffc9c9',
  '#ffa8a8',
  '#ff8787',
  '#f55c5c',
  '#e03131',
  '#c92a2a',
  '#b02525',
  '#9c1c1c',
];

export const theme = createTheme({
  primaryColor: 'brand',
  primaryShade: { light: 7, dark: 7 },
  colors: { brand, gray, dark, red },
  white: '#ffffff',
  black: '#16201f',
  fontFamily: "'Figtree Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.75rem', lineHeight: '1.2' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '1rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '10px', lg: '16px', xl: '24px' },
  shadows: {
    sm: '0 1px 2px rgb(16 32 30 / 6%), 0 8px 24px -12px rgb(16 32 30 / 12%)',
    md: '0 1px 2px rgb(16 32 30 / 8%), 0 18px 40px -18px rgb(16 32 30 / 22%)',
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
    PasswordInput: { defaultProps: { size: 'md', visibilityToggleFocusable: true } },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': 'var(--mantine-color-gray-0)',
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--mantine-color-default-border': 'var(--mantine-color-gray-3)',
    '--app-surface': 'var(--mantine-color-white)',
    '--app-surface-sunken': 'var(--mantine-color-gray-0)',
    '--app-line': 'var(--mantine-color-gray-2)',
    '--app-input-line': 'var(--mantine-color-gray-5)',
    '--app-danger': 'var(--mantine-color-red-9)',
    '--app-danger-soft': 'var(--mantine-color-red-0)',
    '--app-warning-soft': '#fff3d6',
    '--app-warning-text': '#5c3c00',
    '--app-accent-soft': 'var(--mantine-color-brand-0)',
    '--app-accent-text': 'var(--mantine-color-brand-8)',
  },
  dark: {
    '--mantine-color-body': 'var(--mantine-color-dark-9)',
    '--mantine-color-text': 'var(--mantine-color-dark-0)',
    '--mantine-color-dimmed': 'var(--mantine-color-dark-2)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-2)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-red-light-color': 'var(--mantine-color-red-4)',
    '--mantine-color-anchor': 'var(--mantine-color-brand-3)',
    '--mantine-color-default': 'var(--mantine-color-dark-7)',
    '--mantine-color-default-hover': 'var(--mantine-color-dark-6)',
    '--mantine-color-default-border': 'var(--mantine-color-dark-5)',
    '--app-surface': 'var(--mantine-color-dark-8)',
    '--app-surface-sunken': 'var(--mantine-color-dark-9)',
    '--app-line': 'var(--mantine-color-dark-6)',
    '--app-input-line': 'var(--mantine-color-dark-3)',
    '--app-danger': 'var(--mantine-color-red-4)',
    '--app-danger-soft': 'rgb(250 82 82 / 14%)',
    '--app-warning-soft': '#3a2c0c',
    '--app-warning-text': '#ffdf9a',
    '--app-accent-soft': 'rgb(38 167 151 / 16%)',
    '--app-accent-text': 'var(--mantine-color-brand-3)',
  },
});
