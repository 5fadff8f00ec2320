// How much memory a browser has held. Linux keeps the peak of every process; elsewhere nobody does.
import type { Browser } from 'playwright-core';
import { peakMemoryOf, type ReadStatus, readStatus } from '../peak-memory.js';

/** A process as Chromium lists it. */
export interface BrowserProcess {
  /** `renderer`, `GPU`, `browser`. */
  readonly type: string;
  readonly id: number;
}

/**
 * The peaks of what computes: the renderer of the page, and for webgpu also the process that talks to the GPU (and is the
 * GPU where that is an adapter of software). They need not have been at the same time; memory of a device is in neither. An
 * empty page and a second copy of the model, for the profile, are in the first. Null where they cannot be told.
 */
export async function peakMemory(browser: Browser, withGpu: boolean): Promise<number | null> {
  try {
    const devtools = await browser.newBrowserCDPSession();
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
    return await peakOf(processInfo, withGpu);
  } catch {
    return null;
  }
}

/** Chromium keeps renderers ready that have no page yet: the largest one is ours. */
export async function peakOf(
  processes: readonly BrowserProcess[],
  withGpu: boolean,
  read: ReadStatus = readStatus,
): Promise<number | null> {
  const peaks = async (type: string): Promise<number> => {
    const ids = processes.filter((process) => process.type === type).map(({ id }) => id);
    const found = await Promise.all(ids.map(async (id) => (await peakMemoryOf(id, read)) ?? 0));
    return Math.max(0, ...found);
  };
  const [renderer, gpu] = [await peaks('renderer'), withGpu ? await peaks('GPU') : 0];
  if (renderer === 0 || (withGpu && gpu === 0)) return null;
  return renderer + gpu;
}
