import { labCases, type LabCase } from '@latchkey/flutterflow-client';
import { describe, expect, it } from 'vitest';
import { differencesOf } from './wiring_differences.ts';

function named(id: string): LabCase {
  const found = labCases.find((labCase) => labCase.id === id);
  if (!found) throw new Error(`There is no case ${id}.`);
  return found;
}

describe('differencesOf', () => {
  it('names a switch', () => {
    expect(differencesOf(named('persist-off'))).toEqual([{ name: 'Persist Auth Sessions', wrong: 'off', cured: 'on' }]);
  });

  it('names the field of an action that differs, and nothing else', () => {
    expect(differencesOf(named('no-refresh-token'))).toEqual([
      { name: 'Log in: Refresh Token', wrong: 'empty', cured: '$.refresh_token, castToType<String>' },
    ]);
  });

  it('names what the server or the browser does', () => {
    expect(differencesOf(named('cors'))).toContainEqual({
      name: 'Server or browser',
      wrong: 'the browser refuses the answers (CORS)',
      cured: 'nothing',
    });
  });

  it('finds something in every case', () => {
    const silent = labCases.filter((labCase) => differencesOf(labCase).length === 0);
    expect(silent.map(({ id }) => id)).toEqual([]);
  });
});
