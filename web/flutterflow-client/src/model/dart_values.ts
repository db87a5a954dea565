// How values behave in the generated Dart code: casts, toString, times.

export type DartType = 'String' | 'int' | 'double' | 'bool' | 'dynamic';

interface DartTypes {
  String: string;
  int: number;
  double: number;
  bool: boolean;
  dynamic: unknown;
}

/** A cast that Dart refuses. In a button's handler nobody catches it: the button does nothing. */
export class DartTypeError extends TypeError {
  constructor(value: unknown, type: string) {
    super(`type '${dartTypeOf(value)}' is not a subtype of type '${type}' in type cast`);
    this.name = 'DartTypeError';
  }
}

/**
 * FlutterFlow's castToType<T>: null passes, a whole double becomes an int and an int a double, everything else must
 * have the type already. Dart keeps 5 and 5.0 apart; JSON in JavaScript does not, which makes no difference here.
 */
export function castToType<T extends DartType>(type: T, value: unknown): DartTypes[T] | null {
  if (value === null || value === undefined) return null;
  if (!hasDartType(type, value)) throw new DartTypeError(value, type);
  return value as DartTypes[T];
}

function hasDartType(type: DartType, value: unknown): boolean {
  switch (type) {
    case 'String':
      return typeof value === 'string';
    case 'int':
      return typeof value === 'number' && Number.isInteger(value);
    case 'double':
      return typeof value === 'number';
    case 'bool':
      return typeof value === 'boolean';
    case 'dynamic':
      return true;
  }
}

function dartTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'Null';
  if (typeof value === 'string') return 'String';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double';
  return Array.isArray(value) ? 'List<dynamic>' : 'Map<String, dynamic>';
}

/** Dart's toString(): what is missing becomes the text "null". */
export function dartToString(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(dartToString).join(', ')}]`;
  if (value instanceof Date) return value.toISOString().replace('T', ' ');
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}: ${dartToString(inner)}`)
    .join(', ')}}`;
}

/** A field of type DateTime in a data type that is made from JSON: JSON has no such type, so only null passes. */
export function structDateTime(value: unknown): Date | null {
  if (value === null || value === undefined || value instanceof Date) return value ?? null;
  throw new DartTypeError(value, 'DateTime?');
}

/** FlutterFlow's built-in function. */
export function dateTimeFromSecondsSinceEpoch(seconds: number): Date {
  return new Date(seconds * 1000);
}

export function dateTimeFromMillisecondsSinceEpoch(milliseconds: number): Date {
  return new Date(milliseconds);
}

/** DateTime.parse: throws for what is no date. */
export function dateTimeParse(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new RangeError(`Invalid date format\n${text}`);
  return date;
}
