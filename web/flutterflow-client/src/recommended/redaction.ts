// Takes passwords and tokens out of what a developer drawer shows.

const kHidden = '(hidden)';
const kSecretName = /^(?:.*_)?(?:password|token|secret|apikey|api_key|authorization|cookie)$/i;
const kSecretHeader = /^(?:authorization|apikey|cookie|set-cookie|proxy-authorization|x-api-key)$/i;
const kHarmlessName = /^token_type$/i;
const kTokenText = /\b(?:eyJ[\w-]+(?:\.[\w-]*)*|lk_rt_[\w-]+)/g;
const kShownStart = 6;

/** Enough of a token to tell two apart, never enough to use one. */
export function shortenToken(token: string): string {
  if (token.length < 24) return token === 'null' || token === '' ? token : kHidden;
  const end = token.slice(-4);
  return `${token.slice(0, kShownStart)}…${end} (${token.length} characters)`;
}

export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, kSecretHeader.test(name) ? redactBearer(value) : value]),
  );
}

// The shape stays visible: "Bearer null" and a doubled Bearer are what one looks for.
function redactBearer(value: string): string {
  const match = /^((?:Bearer\s*)*)(.*)$/is.exec(value);
  const token = match?.[2] ?? value;
  const harmless = token === '' || token === 'null' || token === 'undefined' || /^[[<]\w*[\]>]$/.test(token);
  return (match?.[1] ?? '') + (harmless ? token : shortenToken(token));
}

/** A body as text; JSON is shown indented. */
export function redactBody(text: string): string {
  if (text === '') return '';
  try {
    return JSON.stringify(redactValue(JSON.parse(text)), null, 2);
  } catch {
    return redactText(text);
  }
}

/** A copy without passwords; tokens are shortened. */
export function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(kTokenText, shortenToken);
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecretName(name) ? redactSecret(name, inner) : redactValue(inner),
    ]),
  );
}

/** The address without tokens in its query. */
export function redactUrl(url: string): string {
  return url
    .replace(/([?&])([^=&#]+)=([^&#]*)/g, (whole, before: string, name: string) =>
      isSecretName(name) ? `${before}${name}=${kHidden}` : whole,
    )
    .replace(kTokenText, shortenToken);
}

function isSecretName(name: string): boolean {
  return kSecretName.test(name) && !kHarmlessName.test(name);
}

function redactSecret(name: string, value: unknown): unknown {
  // weak_password is the server's list of reasons.
  if (typeof value === 'object' && value !== null) return redactValue(value);
  if (value === null || value === '' || value === 'null') return value;
  return typeof value === 'string' && !/password|secret/i.test(name) ? shortenToken(value) : kHidden;
}

// Text that is no JSON, such as a body that a quote in a password broke: where a secret ends cannot be known, so
// everything behind its name is left out.
function redactText(text: string): string {
  const secret = /(["'\w-]*(?:password|token|secret|apikey|authorization)["']?\s*[:=]\s*)[\s\S]*$/i.exec(text);
  const kept = secret === null ? text : text.slice(0, secret.index) + (secret[1] ?? '') + kHidden;
  return kept.replace(kTokenText, shortenToken);
}
