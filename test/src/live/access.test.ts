import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Access, type Asking, judge, loopbackHosts } from '../../../src/live/access.js';

const here: Access = { hosts: new Set(loopbackHosts) };
const shared: Access = {
  hosts: new Set([...loopbackHosts, '192.168.1.7']),
  secret: { token: 'right', session: 'session', cookie: 'live' },
};
const asking: Asking = {
  method: 'GET',
  url: '/events',
  host: 'localhost:8642',
  origin: undefined,
  cookie: undefined,
  site: 'same-origin',
  mode: 'cors',
};
const verdict = (access: Access, more: Partial<Asking> = {}) => judge(access, { ...asking, ...more });

describe('who may look', () => {
  it('is this machine, by names that nobody else can have', () => {
    for (const host of ['localhost', 'localhost:1', '127.0.0.1:8642', '[::1]:8642', 'LOCALHOST:8642'])
      expect(verdict(here, { host }).kind, host).toBe('allowed');
  });

  it('is nobody by another name, which may be made to lead here', () => {
    const others = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.string(),
      fc.constantFrom('localhost.example.org', 'localhost@example.org', 'localhost:80:80', '', '127.0.0.1.'),
    );
    const known: readonly string[] = loopbackHosts;
    fc.assert(
      fc.property(
        others.filter((host) => !known.includes(host.toLowerCase())),
        (host) => {
          expect(verdict(here, { host })).toMatchObject({ kind: 'refused', status: 403 });
        },
      ),
    );
    expect(verdict(here, { host: undefined })).toMatchObject({ status: 403 });
  });

  it('is no page of another origin', () => {
    expect(verdict(here, { origin: 'http://localhost:8642' }).kind).toBe('allowed');
    for (const origin of ['http://localhost', 'http://localhost:1', 'http://example.org', 'null', ''])
      expect(verdict(here, { origin }), origin).toMatchObject({ kind: 'refused', status: 403 });
    expect(verdict(here, { site: 'cross-site', mode: 'no-cors' })).toMatchObject({ status: 403 });
    // A link elsewhere may lead to the page.
    expect(verdict(here, { site: 'cross-site', mode: 'navigate' }).kind).toBe('allowed');
  });

  it('changes nothing', () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', ''])
      expect(verdict(here, { method })).toMatchObject({ kind: 'refused', status: 405 });
    expect(verdict(here, { method: 'HEAD' }).kind).toBe('allowed');
  });

  it('needs the token where others can reach it, and then the cookie', () => {
    expect(verdict(shared)).toMatchObject({ kind: 'refused', status: 401 });
    expect(verdict(shared, { url: '/?token=right' })).toEqual({
      kind: 'admitted',
      cookie: 'live=session; Path=/; HttpOnly; SameSite=Lax',
    });
    expect(verdict(shared, { cookie: 'other=1; live=session' }).kind).toBe('allowed');
    expect(verdict(shared, { host: '192.168.1.7:8642', cookie: 'live=session' }).kind).toBe('allowed');
    for (const cookie of ['live=', 'live=right', 'live=sessio', 'xlive=session', 'live=session1'])
      expect(verdict(shared, { cookie }), cookie).toMatchObject({ status: 401 });
    for (const url of ['/?token=', '/?token=righ', '/?token=right1', '/?xtoken=right', '/token=right'])
      expect(verdict(shared, { url }), url).toMatchObject({ status: 401 });
  });
});
