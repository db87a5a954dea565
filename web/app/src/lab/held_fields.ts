// What the app holds after a step, and which of it the step changed.
import type { StepRecord } from '@latchkey/flutterflow-client';

export interface HeldField {
  name: string;
  value: string;
  changed: boolean;
}

type Holding = Pick<StepRecord, 'held' | 'stored'>;

const NOTHING = 'null';
const MOST_CHARACTERS = 160;

function shortened(value: string): string {
  if (value.length <= MOST_CHARACTERS) return value;
  return `${value.slice(0, MOST_CHARACTERS)}… (${value.length} characters)`;
}

export function heldFieldsOf(record: Holding, before: Holding | undefined): HeldField[] {
  const held = Object.entries(record.held).map(([name, value]) => {
    const earlier = before ? before.held[name as keyof StepRecord['held']] : null;
    return { name, value: shortened(value ?? NOTHING), changed: value !== earlier };
  });
  const keys = [...new Set([...Object.keys(before?.stored ?? {}), ...Object.keys(record.stored)])];
  const stored = keys.map((key) => ({
    name: key,
    value: shortened(record.stored[key] ?? 'removed'),
    changed: record.stored[key] !== before?.stored[key],
  }));
  return [...held, ...stored];
}
