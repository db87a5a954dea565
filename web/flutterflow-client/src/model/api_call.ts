// An API call as it is set up in FlutterFlow's builder, and what the generated call() makes of it.

import { castToType, dartToString } from './dart_values.ts';
import { getJsonField } from './json_path.ts';
import type { ApiCallOptions, ApiCallType, BodyType } from './api_manager.ts';
import type { DartType } from './dart_values.ts';

export type VariableValue = string | number | boolean | null | undefined | object;

/** The Define Call and Variables tabs. */
export interface ApiCallDefinition {
  name: string;
  callType: ApiCallType;
  /** May hold [variable] in path and query. */
  url: string;
  /** Values may hold [variable], such as "Bearer [token]". */
  headers?: Record<string, string>;
  /** The variables and what they are when the page does not set them; a text is '' in the builder. */
  variables?: Record<string, VariableValue>;
  params?: Record<string, string>;
  bodyType?: BodyType;
  /** The Body tab, with <variable>. */
  body?: string;
  /** Escape Variables in Request Body; off in older projects. */
  escapeVariables?: boolean;
  returnBody?: boolean;
  encodeBodyUtf8?: boolean;
  decodeUtf8?: boolean;
  cache?: boolean;
}

/** A group: a base URL and headers for all its calls. The URL may come from the environment values. */
export interface ApiGroup {
  baseUrl: string | ((environment: Readonly<Record<string, string>>) => string);
  headers?: Record<string, string>;
  environment?: Readonly<Record<string, string>>;
}

export function apiCallOptions(
  definition: ApiCallDefinition,
  variables: Record<string, VariableValue> = {},
  group?: ApiGroup,
): ApiCallOptions {
  const values = { ...definition.variables, ...variables };
  const fill = (template: string): string => fillTemplate(template, /\[(\w+)\]/g, values, dartToString);
  const bodyValue = definition.escapeVariables === true ? escapedBodyValue : plainBodyValue;
  const bodyType = definition.bodyType ?? (definition.body === undefined ? 'NONE' : 'JSON');
  const headers = { ...group?.headers, ...definition.headers };
  return {
    callName: definition.name,
    callType: definition.callType,
    apiUrl: fill(baseUrlOf(group) + definition.url),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)])),
    params: Object.fromEntries(Object.entries(definition.params ?? {}).map(([name, value]) => [name, fill(value)])),
    bodyType,
    body: definition.body === undefined ? null : fillTemplate(definition.body, /<(\w+)>/g, values, bodyValue),
    returnBody: definition.returnBody ?? true,
    encodeBodyUtf8: definition.encodeBodyUtf8 ?? false,
    decodeUtf8: definition.decodeUtf8 ?? false,
    cache: definition.cache ?? false,
  };
}

/** escapeStringForJson of newer projects: backslash, quote, newline and tab, and no other control character. */
export function escapeStringForJson(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}

/** A getter of the call's class: a JSON path and the type that the builder fixed from the example answer. */
export function responseField<T extends DartType>(
  type: T,
  jsonBody: unknown,
  path: string,
): ReturnType<typeof castToType<T>> {
  return castToType(type, getJsonField(jsonBody, path));
}

/** The older way: getJsonField(…).toString(), which makes the text "null" of what is missing. */
export function responseFieldToString(jsonBody: unknown, path: string): string {
  return dartToString(getJsonField(jsonBody, path));
}

function baseUrlOf(group: ApiGroup | undefined): string {
  if (group === undefined) return '';
  return typeof group.baseUrl === 'string' ? group.baseUrl : group.baseUrl(group.environment ?? {});
}

// A name that is no variable stays as it stands, brackets included.
function fillTemplate(
  template: string,
  pattern: RegExp,
  values: Record<string, VariableValue>,
  write: (value: VariableValue) => string,
): string {
  return template.replace(pattern, (whole, name: string) =>
    Object.hasOwn(values, name) ? write(values[name]) : whole,
  );
}

function plainBodyValue(value: VariableValue): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return dartToString(value);
}

function escapedBodyValue(value: VariableValue): string {
  return typeof value === 'string' ? escapeStringForJson(value) : plainBodyValue(value);
}
