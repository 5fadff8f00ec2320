// Who may look. A page anywhere on the web may send requests to this machine, by its address or by a name of its own that
// leads here; so only the names that the server is known by are answered, and only pages of its own. Whoever is not on this
// machine needs a token, which the command prints and which is exchanged for a cookie.
import { timingSafeEqual } from 'node:crypto';

export interface Access {
  /** Lower-case names and addresses, IPv6 in brackets. */
  readonly hosts: ReadonlySet<string>;
  /** What has to be shown, where the server can be reached from elsewhere. */
  readonly secret?: {
    /** In the address that is printed. */
    readonly token: string;
    /** What it is exchanged for. */
    readonly session: string;
    /** Browsers send cookies to all ports of a host. */
    readonly cookie: string;
  };
}

/** What of a request decides. */
export interface Asking {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly cookie: string | undefined;
  /** `sec-fetch-site` and `sec-fetch-mode`. */
  readonly site: string | undefined;
  readonly mode: string | undefined;
}

export type Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 405; readonly reason: string }
  /** With a token that is right: the cookie for it, and the address without it. */
  | { readonly kind: 'admitted'; readonly cookie: string };

/** Names of this machine that nobody else can have. */
export const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'] as const;

export function judge({ hosts, secret }: Access, asking: Asking): Verdict {
  const { method, url, host, origin, cookie, site, mode } = asking;
  if (method !== 'GET' && method !== 'HEAD') return refused(405, 'Nothing here can be changed.');
  const name = hostName(host);
  if (name === undefined || !hosts.has(name)) return refused(403, 'This server is not known by that name.');
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    return refused(403, 'Pages of other origins may not read here.');
  if (site === 'cross-site' && mode !== 'navigate')
    return refused(403, 'Pages of other origins may not read here.');
  if (secret === undefined || hasCookie(cookie, secret.cookie, secret.session)) return { kind: 'allowed' };
  if (isSame(tokenIn(url), secret.token)) {
    // Not `Strict`: the link is opened from messages and from terminals.
    return {
      kind: 'admitted',
      cookie: `${secret.cookie}=${secret.session}; Path=/; HttpOnly; SameSite=Lax`,
    };
  }
  return refused(401, 'Open the address that the command has printed, with its token.');
}

function refused(status: 401 | 403 | 405, reason: string): Verdict {
  return { kind: 'refused', status, reason };
}

/** The name in a `Host` header, without its port; undefined where it is none. */
function hostName(host: string | undefined): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(host ?? '')?.[1]?.toLowerCase();
}

function tokenIn(url: string): string {
  return /[?&]token=([\w-]*)/.exec(url)?.[1] ?? '';
}

function hasCookie(header: string | undefined, name: string, value: string): boolean {
  return (header ?? '').split(';').some((part) => {
    const [own = '', ...rest] = part.trim().split('=');
    return own === name && isSame(rest.join('='), value);
  });
}

/** In a time that does not tell how much of it is right. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
