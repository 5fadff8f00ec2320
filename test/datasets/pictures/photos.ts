// Folders of small pictures, made for one test each.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished, vi } from 'vitest';

export interface Encoded {
  readonly format?: 'jpeg' | 'png' | 'webp';
  readonly height?: number;
  readonly width?: number;
  /** Red, green and blue of all pixels. */
  readonly colour?: readonly [number, number, number];
}

/** A picture of one colour. */
export function encoded({
  format = 'png',
  height = 6,
  width = 9,
  colour = [10, 20, 30],
}: Encoded = {}): Promise<Uint8Array> {
  const [r, g, b] = colour;
  const picture = sharp({ create: { width, height, channels: 3, background: { r, g, b } } });
  return picture.toFormat(format).toBuffer();
}

/** A temporary folder with these files, however deep, and a cache folder of its own. */
export async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'genonnx-photos-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const folder = join(root, 'photos');
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** `count` pictures for each class, each of a colour that says which it is. */
export async function photos(
  classes: readonly string[],
  count: number,
  prefix = '',
): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const [label, name] of classes.entries())
    for (let i = 0; i < count; i++)
      files[`${prefix}${name}/${i}.png`] = await encoded({ colour: [40 * label, 10 * i, 7] });
  return files;
}
