// JSON paths as far as FlutterFlow's builder makes them: $.a.b, $.a[0].b, $['x'], $[*], $.a[*].b, $..a, $.a[:].b.

type Part = { kind: 'name'; name: string } | { kind: 'index'; index: number } | { kind: 'all' } | { kind: 'below' };

export class JsonPathError extends Error {
  constructor(path: string) {
    super(`Cannot read the JSON path ${path}`);
    this.name = 'JsonPathError';
  }
}

/** FlutterFlow's getJsonField: nothing there → null, one → the value, several → a list. */
export function getJsonField(json: unknown, path: string, forList = false): unknown {
  const found = readJsonPath(json, path);
  if (found.length === 0) return null;
  if (found.length > 1) return found;
  const value = found[0];
  return forList && !Array.isArray(value) ? [value] : value;
}

export function readJsonPath(json: unknown, path: string): unknown[] {
  let values: unknown[] = [json];
  for (const part of parse(path)) values = values.flatMap((value) => step(value, part));
  return values;
}

function parse(path: string): Part[] {
  const text = path.trim();
  if (!text.startsWith('$')) throw new JsonPathError(path);
  const token =
    /\.\.(?=[^.])|\.?\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+)|(\*|:))\s*\]|\.(\*)|\.?([^.[\]\s]+)/y;
  token.lastIndex = 1;
  const parts: Part[] = [];
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (match === null) throw new JsonPathError(path);
    const [whole, single, double, index, everything, star, name] = match;
    const quoted = single ?? double;
    if (whole === '..') parts.push({ kind: 'below' });
    else if (quoted !== undefined) parts.push({ kind: 'name', name: quoted.replace(/\\(.)/g, '$1') });
    else if (index !== undefined) parts.push({ kind: 'index', index: Number(index) });
    else if (everything !== undefined || star !== undefined) parts.push({ kind: 'all' });
    else parts.push({ kind: 'name', name: name ?? '' });
  }
  return parts;
}

function step(value: unknown, part: Part): unknown[] {
  switch (part.kind) {
    case 'name':
      return isObject(value) && Object.hasOwn(value, part.name) ? [value[part.name]] : [];
    case 'index': {
      if (!Array.isArray(value)) return [];
      const at = part.index < 0 ? value.length + part.index : part.index;
      return at >= 0 && at < value.length ? [value[at]] : [];
    }
    case 'all':
      return children(value);
    case 'below':
      return [value, ...children(value).flatMap((child) => step(child, part))];
  }
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  return isObject(value) ? Object.values(value) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
