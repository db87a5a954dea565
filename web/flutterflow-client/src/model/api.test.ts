import { beforeEach, describe, expect, it, vi } from 'vitest';

import { apiCallOptions, escapeStringForJson, responseField, responseFieldToString } from './api_call.ts';
import { ApiManager, ApiCallResponse } from './api_manager.ts';
import {
  DartTypeError,
  castToType,
  dartToString,
  dateTimeFromMillisecondsSinceEpoch,
  dateTimeFromSecondsSinceEpoch,
  dateTimeParse,
  structDateTime,
} from './dart_values.ts';
import { JsonPathError, getJsonField, readJsonPath } from './json_path.ts';
import type { ApiCallDefinition, VariableValue } from './api_call.ts';
import type { ApiInterceptor, ApiTrace } from './api_manager.ts';
import type { FetchPort } from '../ports.ts';

interface Sent {
  url: string;
  init: RequestInit;
}

let sent: Sent[];
let answer: () => Response | Promise<Response>;
let traces: ApiTrace[];
let manager: ApiManager;

const fetchPort: FetchPort = (url, init) => {
  sent.push({ url, init });
  return Promise.resolve(answer());
};

beforeEach(() => {
  sent = [];
  traces = [];
  answer = () => Response.json({ ok: true });
  manager = new ApiManager({ fetch: fetchPort, onTrace: (trace) => traces.push(trace) });
});

const login: ApiCallDefinition = {
  name: 'Login',
  callType: 'POST',
  url: 'https://auth.test/login',
  variables: { email: '', password: '' },
  body: '{"email": "<email>", "password": "<password>"}',
};

function call(definition: Partial<ApiCallDefinition> = {}, variables: Record<string, VariableValue> = {}) {
  return manager.makeApiCall(apiCallOptions({ ...login, ...definition }, variables));
}
function headersSent(at = 0): Record<string, string> {
  return { ...(sent[at]?.init.headers as Record<string, string>) };
}
const bytes = (text: string, type: string): Response =>
  new Response(new TextEncoder().encode(text), { headers: { 'Content-Type': type } });

describe('answers', () => {
  it.each([
    [200, true],
    [201, true],
    [299, true],
    [199, false],
    [300, false],
    [304, false],
    [400, false],
    [500, false],
    [-1, false],
  ])('status %i: succeeded is %s, whatever the body says', (statusCode, succeeded) => {
    expect(new ApiCallResponse({ statusCode, jsonBody: { error: 'no' } }).succeeded).toBe(succeeded);
  });

  it.each(['no such host', 'certificate refused', 'connection refused', 'Failed to fetch (CORS)', 'mixed content'])(
    'an exception is status −1 without a body: %s',
    async (message) => {
      answer = () => {
        throw new TypeError(message);
      };
      const response = await call();
      expect(response).toMatchObject({ statusCode: -1, jsonBody: null, succeeded: false, exceptionMessage: message });
    },
  );

  it('a body that is not JSON is null, and the status is kept', async () => {
    answer = () => new Response('<html>', { status: 502 });
    expect(await call()).toMatchObject({ statusCode: 502, jsonBody: null, bodyText: '<html>' });
    answer = () => new Response('<html>', { status: 200 });
    expect(await call()).toMatchObject({ succeeded: true, jsonBody: null });
    answer = () => new Response(null, { status: 204 });
    expect(await call()).toMatchObject({ succeeded: true, jsonBody: null });
  });

  it('with returnBody off the body is always null', async () => {
    expect((await call({ returnBody: false })).jsonBody).toBeNull();
    expect((await call()).jsonBody).toEqual({ ok: true });
  });

  it('without a charset is read as latin1; with one, or with decodeUtf8, as UTF-8', async () => {
    const name = JSON.stringify({ name: 'Jürgen' });
    answer = () => bytes(name, 'application/json');
    expect((await call()).jsonBody).toEqual({ name: 'JÃ¼rgen' });
    expect((await call({ decodeUtf8: true })).jsonBody).toEqual({ name: 'Jürgen' });
    answer = () => bytes(name, 'application/json; charset=utf-8');
    expect((await call()).jsonBody).toEqual({ name: 'Jürgen' });
    answer = () => new Response(new Uint8Array([0x22, 0xff, 0x22]), { status: 200 });
    expect((await call({ decodeUtf8: true })).jsonBody).toBeNull();
  });

  it('headers are found in any case', async () => {
    answer = () => Response.json({}, { headers: { 'X-Request-Id': 'r1' } });
    const response = await call();
    expect([response.getHeader('x-request-ID'), response.getHeader('other')]).toEqual(['r1', '']);
  });

  it('are waited for without end: no time limit, no way to give up', async () => {
    vi.useFakeTimers();
    try {
      answer = () => new Promise<Response>(() => undefined);
      let settled = false;
      void call().then(() => {
        settled = true;
      });
      await vi.advanceTimersByTimeAsync(24 * 3_600_000);
      expect(settled).toBe(false);
      expect(vi.getTimerCount()).toBe(0);
      expect(sent[0]?.init.signal).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('requests', () => {
  it('get https:// where the URL has no scheme', async () => {
    await call({ url: 'auth.test/login' });
    await call({ url: 'http://auth.test/login' });
    expect(sent.map(({ url }) => url)).toEqual(['https://auth.test/login', 'http://auth.test/login']);
  });

  it('get a charset appended to the content type', async () => {
    await call();
    await call({ headers: { 'content-type': 'application/vnd.api+json' } });
    await call({ headers: { 'Content-Type': 'application/json; charset=utf-8' } });
    await call({ encodeBodyUtf8: true });
    await call({ bodyType: 'TEXT', body: 'hello' });
    expect(sent.map((_, at) => Object.entries(headersSent(at))[0])).toEqual([
      ['Content-Type', 'application/json; charset=utf-8'],
      ['content-type', 'application/vnd.api+json; charset=utf-8'],
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Content-Type', 'application/json'],
      ['Content-Type', 'text/plain; charset=utf-8'],
    ]);
  });

  it('send parameters in the query, or as a form', async () => {
    await manager.makeApiCall(
      apiCallOptions({ name: 'List', callType: 'GET', url: 'https://auth.test/list', params: { q: 'a&b' } }),
    );
    expect([sent[0]?.url, sent[0]?.init.body]).toEqual(['https://auth.test/list?q=a%26b', undefined]);
    const form: ApiCallDefinition = {
      name: 'Form',
      callType: 'POST',
      url: 'https://auth.test/login',
      bodyType: 'X_WWW_FORM_URL_ENCODED',
      params: { email: 'a+b@example.com' },
    };
    await manager.makeApiCall(apiCallOptions(form));
    expect([sent[1]?.url, sent[1]?.init.body]).toEqual(['https://auth.test/login', 'email=a%2Bb%40example.com']);
    expect(headersSent(1)['Content-Type']).toBe('application/x-www-form-urlencoded; charset=utf-8');
  });

  it('take base URL and headers from their group, and the URL from the environment values', () => {
    const definition: ApiCallDefinition = {
      name: 'Item',
      callType: 'GET',
      url: '/item/[id]',
      variables: { id: null },
      headers: { 'X-Own': '1' },
    };
    const group = {
      baseUrl: (environment: Readonly<Record<string, string>>) => environment.api ?? '',
      environment: { api: 'https://auth.test' },
      headers: { apikey: 'k' },
    };
    expect(apiCallOptions(definition, { id: 7 }, group)).toMatchObject({
      apiUrl: 'https://auth.test/item/7',
      headers: { apikey: 'k', 'X-Own': '1' },
    });
    expect(apiCallOptions(definition, { id: 7 }, { baseUrl: 'https://b.test' }).apiUrl).toBe('https://b.test/item/7');
  });
});

describe('body templates', () => {
  const body = (variables: Record<string, VariableValue>, escapeVariables: boolean, template = login.body ?? '') =>
    apiCallOptions({ ...login, body: template, escapeVariables }, variables).body ?? '';

  it.each(['a"b', 'a\\x', 'a\nb', 'a\tb'])('without escaping %j breaks the JSON, with it it arrives', (password) => {
    expect(() => JSON.parse(body({ password }, false)) as unknown).toThrow(SyntaxError);
    expect(JSON.parse(body({ password }, true))).toEqual({ email: '', password });
  });

  it('without escaping a backslash can become another character without a word', () => {
    expect(JSON.parse(body({ password: 'a\\b' }, false))).toEqual({ email: '', password: 'a\b' });
  });

  it('without escaping a quote can even bring further fields in', () => {
    expect(JSON.parse(body({ password: 'x", "role": "admin' }, false))).toHaveProperty('role', 'admin');
  });

  it.each(['a\rb', 'a\bb', 'a\fb', 'a\u0001b'])(
    'escaping knows four characters only: %j breaks it still',
    (password) => {
      expect(() => JSON.parse(body({ password }, true)) as unknown).toThrow(SyntaxError);
      expect(escapeStringForJson(password)).toBe(password);
    },
  );

  it('write null as the text null', () => {
    expect(body({ email: null }, true)).toBe('{"email": "null", "password": ""}');
    expect(body({ email: null }, true, '{"email": <email>}')).toBe('{"email": null}');
    expect(body({ email: undefined }, false)).toContain('"null"');
  });

  it('write numbers, booleans and JSON as they are, and leave unknown names alone', () => {
    const template = '{"n": <n>, "b": <b>, "j": <j>, "x": "<x>"}';
    expect(body({ n: 5, b: true, j: { a: ['q"'] } }, true, template)).toBe(
      '{"n": 5, "b": true, "j": {"a":["q\\""]}, "x": "<x>"}',
    );
  });
});

describe('the bearer', () => {
  const header = (template: string, variables: Record<string, VariableValue>): string | undefined =>
    apiCallOptions(
      {
        name: 'User',
        callType: 'GET',
        url: 'https://a',
        variables: { token: '' },
        headers: { Authorization: template },
      },
      variables,
    ).headers.Authorization;

  it.each<[string, Record<string, VariableValue>, string]>([
    ['Bearer [token]', { token: 'eyJ' }, 'Bearer eyJ'],
    ['Bearer [token]', {}, 'Bearer '],
    ['Bearer [token]', { token: null }, 'Bearer null'],
    ['Bearer [token]', { token: 'Bearer eyJ' }, 'Bearer Bearer eyJ'],
    ['[token]', { token: 'eyJ' }, 'eyJ'],
    ['Bearer [authToken]', { token: 'eyJ' }, 'Bearer [authToken]'],
  ])('%s with %j is "%s"', (template, variables, wanted) => {
    expect(header(template, variables)).toBe(wanted);
  });

  it('is a parameter of each call: nothing is sent by itself', async () => {
    await call();
    expect(Object.keys(headersSent())).toEqual(['Content-Type']);
  });
});

describe('the cache', () => {
  it('answers the same call again with the old answer', async () => {
    let count = 0;
    answer = () => Response.json({ access_token: `t${++count}` });
    const first = await call({ cache: true }, { email: 'a' });
    expect(await call({ cache: true }, { email: 'a' })).toBe(first);
    expect((await call({ cache: true }, { email: 'b' })).jsonBody).toEqual({ access_token: 't2' });
    expect((await call({ cache: false }, { email: 'a' })).jsonBody).toEqual({ access_token: 't3' });
    expect(traces.map(({ fromCache }) => fromCache)).toEqual([false, true, false, false]);
  });

  it('keeps errors too, but not that nothing answered', async () => {
    answer = () => Response.json({}, { status: 400 });
    await call({ cache: true }, { email: 'a' });
    answer = () => Response.json({});
    expect((await call({ cache: true }, { email: 'a' })).statusCode).toBe(400);
    answer = () => {
      throw new TypeError('away');
    };
    await call({ cache: true }, { email: 'b' });
    answer = () => Response.json({});
    expect((await call({ cache: true }, { email: 'b' })).statusCode).toBe(200);
  });

  it('can be cleared', async () => {
    await call({ cache: true });
    manager.clearCache();
    await call({ cache: true });
    expect(sent).toHaveLength(2);
  });
});

describe('interceptors', () => {
  it('change requests and answers, and can send again', async () => {
    let token = 'old';
    const interceptor: ApiInterceptor = {
      onRequest: (options) => ({ ...options, headers: { ...options.headers, Authorization: `Bearer ${token}` } }),
      onResponse: (response, retry) => {
        if (response.statusCode !== 401) return response;
        token = 'new';
        return retry();
      },
    };
    answer = () => Response.json({}, { status: sent.length === 1 ? 401 : 200 });
    const response = await manager.makeApiCall(apiCallOptions(login), [interceptor]);
    expect(response.statusCode).toBe(200);
    expect(sent.map((_, at) => headersSent(at).Authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('have no single flight: as many refreshes as calls, all with the same token', async () => {
    const refreshes: string[] = [];
    let refreshToken = 'r1';
    const interceptor: ApiInterceptor = {
      async onResponse(response, retry) {
        if (response.statusCode !== 401) return response;
        refreshes.push(refreshToken);
        await Promise.resolve();
        refreshToken = 'r2';
        return retry();
      },
    };
    answer = () => Response.json({}, { status: sent.length <= 3 ? 401 : 200 });
    await Promise.all([1, 2, 3].map(() => manager.makeApiCall(apiCallOptions(login), [interceptor])));
    expect(refreshes).toEqual(['r1', 'r1', 'r1']);
  });

  it('are not needed: a 401 comes back as it is, and nothing refreshes by itself', async () => {
    answer = () => Response.json({}, { status: 401 });
    expect((await call()).statusCode).toBe(401);
    expect(sent).toHaveLength(1);
  });
});

describe('JSON paths', () => {
  const json = {
    a: { b: 1, 'x y': 2, null: null },
    list: [{ b: 'one' }, { b: 'two' }, {}],
    empty: [],
    single: [{ b: 'only' }],
  };

  it.each([
    ['$', json],
    ['$.a.b', 1],
    ["$['a']['x y']", 2],
    ['$["a"].b', 1],
    ['$.list[0].b', 'one'],
    ['$.list[-1]', {}],
    ['$.list[9]', null],
    ['$.list[*].b', ['one', 'two']],
    ['$.list[:].b', ['one', 'two']],
    ['$.single[*].b', 'only'],
    ['$.a.*', [1, 2, null]],
    ['$..b', [1, 'one', 'two', 'only']],
    ['$.empty[*]', null],
    ['$.a.null', null],
    ['$.missing', null],
    ['$.a.b.c', null],
  ])('%s', (path, value) => {
    expect(getJsonField(json, path)).toEqual(value);
  });

  it('make a list of one where a list is wanted', () => {
    expect(getJsonField(json, '$.single[*].b', true)).toEqual(['only']);
    expect(getJsonField(json, '$.list', true)).toBe(json.list);
  });

  it('find nothing in an answer without a body, and know what is no path', () => {
    expect(getJsonField(null, '$.a')).toBeNull();
    expect(readJsonPath([], '$.length')).toEqual([]);
    expect(() => getJsonField(json, 'a.b')).toThrow(JsonPathError);
    expect(() => getJsonField(json, '$.a[')).toThrow(JsonPathError);
  });
});

describe('types', () => {
  it('castToType passes what fits, and null', () => {
    expect(castToType('String', 'a')).toBe('a');
    expect(castToType('int', 5)).toBe(5);
    expect(castToType('double', 5)).toBe(5);
    expect(castToType('bool', false)).toBe(false);
    expect(castToType('dynamic', [1])).toEqual([1]);
    expect([castToType('String', null), castToType('int', undefined)]).toEqual([null, null]);
  });

  it.each([
    ['String', 123],
    ['String', true],
    ['String', {}],
    ['int', '123'],
    ['int', 1.5],
    ['double', '1.5'],
    ['bool', 'true'],
    ['bool', 1],
  ] as const)('castToType<%s> of %j throws', (type, value) => {
    expect(() => castToType(type, value)).toThrow(DartTypeError);
  });

  it('a typed getter of a missing field is null; toString() makes the text "null" of it', () => {
    const body = { access_token: 'eyJ', uid: 7 };
    expect(responseField('String', body, '$.token')).toBeNull();
    expect(responseFieldToString(body, '$.token')).toBe('null');
    expect(responseFieldToString(null, '$.token')).toBe('null');
    expect(responseFieldToString(body, '$.uid')).toBe('7');
    expect(() => responseField('String', body, '$.uid')).toThrow("type 'int' is not a subtype of type 'String'");
  });

  it('toString writes maps and lists as Dart does', () => {
    expect(dartToString({ a: [1, null, 'x'], b: true })).toBe('{a: [1, null, x], b: true}');
    expect(dartToString(new Date(0))).toBe('1970-01-01 00:00:00.000Z');
  });

  it('times: seconds, milliseconds, ISO 8601', () => {
    const wanted = new Date('2023-11-14T23:13:20Z');
    expect(dateTimeFromSecondsSinceEpoch(1_700_003_600)).toEqual(wanted);
    expect(dateTimeFromMillisecondsSinceEpoch(1_700_003_600_000)).toEqual(wanted);
    expect(dateTimeParse('2023-11-14T23:13:20Z')).toEqual(wanted);
    expect(dateTimeFromMillisecondsSinceEpoch(1_700_003_600).getUTCFullYear()).toBe(1970);
    expect(() => dateTimeParse('tomorrow')).toThrow(RangeError);
  });

  it.each(['2023-11-14T23:13:20Z', 1_700_003_600])(
    'a DateTime in a data type made from JSON throws for %j',
    (value) => {
      expect(() => structDateTime(value)).toThrow(DartTypeError);
      expect(structDateTime(null)).toBeNull();
    },
  );
});
