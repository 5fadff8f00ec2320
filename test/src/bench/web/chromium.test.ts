import { describe, expect, it } from 'vitest';
import { type BrowserHost, findChromium } from '../../../../src/bench/web/chromium.js';
import { GenonnxError } from '../../../../src/errors.js';

/** A machine that has only the given files. */
const host = (files: readonly string[], further: Partial<BrowserHost> = {}): BrowserHost => ({
  environment: {},
  platform: 'linux',
  exists: (path) => files.includes(path),
  downloaded: '/cache/chromium/chrome',
  ...further,
});

function refusal(find: () => string): GenonnxError {
  try {
    find();
  } catch (error) {
    if (error instanceof GenonnxError) return error;
  }
  throw new Error('expected a GenonnxError');
}

describe('the browser', () => {
  it('is the one that CHROMIUM names, and no other', () => {
    const environment = { CHROMIUM: '/opt/chrome' };
    expect(findChromium(host(['/opt/chrome', '/usr/bin/chromium'], { environment }))).toBe('/opt/chrome');
    expect(refusal(() => findChromium(host(['/usr/bin/chromium'], { environment })))).toMatchObject({
      code: 'engine',
      exitCode: 3,
      details: { where: 'CHROMIUM=/opt/chrome' },
    });
  });

  it('is else the first at the usual places, and last the one that was downloaded', () => {
    const all = ['/cache/chromium/chrome', '/usr/bin/google-chrome', '/usr/bin/chromium'];
    const environment = { CHROMIUM: '' };
    expect(findChromium(host(all, { environment }))).toBe('/usr/bin/chromium');
    expect(findChromium(host(all.slice(0, 2)))).toBe('/usr/bin/google-chrome');
    expect(findChromium(host(all.slice(0, 1)))).toBe('/cache/chromium/chrome');
  });

  it('is searched where other systems have it', () => {
    const chrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
    expect(findChromium(host([chrome], { platform: 'darwin' }))).toBe(chrome);
    const asked: string[] = [];
    const windows: Partial<BrowserHost> = {
      platform: 'win32',
      environment: { PROGRAMFILES: 'C:\\Programs', LOCALAPPDATA: 'C:\\Local' },
      exists: (path) => asked.push(path.replaceAll('/', '\\')) === 0,
    };
    refusal(() => findChromium(host([], windows)));
    expect(asked).toContain('C:\\Programs\\Google\\Chrome\\Application\\chrome.exe');
    expect(asked).toContain('C:\\Local\\Microsoft\\Edge\\Application\\msedge.exe');
  });

  it('is missed with all places named, and the cure', () => {
    const { code, details } = refusal(() => findChromium(host([])));
    expect(code).toBe('engine');
    expect(details.expected).toContain('/usr/bin/chromium, /usr/bin/chromium-browser');
    expect(details.expected).toContain('/cache/chromium/chrome');
    expect(details.cure).toContain('CHROMIUM=');
    expect(refusal(() => findChromium(host([], { downloaded: undefined }))).details.expected).not.toContain(
      'cache',
    );
  });
});
