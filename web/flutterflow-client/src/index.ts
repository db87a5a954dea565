// Everything that other parts may use.
export * from './ports.ts';
export * from './api.ts';
