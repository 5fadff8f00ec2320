// What a trained segmentation makes of a few test pictures, for whoever wants to see it: kept in the run's folder beside its results,
// so that a report needs neither the pictures nor a runtime.
import type { MaskedSet } from '../../../datasets/masks/masked-data.js';
import { decodeSafetensors, encodeSafetensors } from '../../../graphs/safetensors.js';
import type { Picture } from '../../data/picture.js';
import type { Size } from '../../data/resize.js';
import type { Fetches } from '../../engines/engine.js';
import { GenonnxError } from '../../errors.js';
import { largestClasses } from './largest-classes.js';

/** The name of the file. */
export const samplesFile = 'samples.safetensors';

/** At most so many are kept, evenly over the test pictures. */
const mostSamples = 6;

/** A test picture, what is in it, and what the network finds: indices of classes. */
export interface Sample {
  readonly picture: Picture;
  readonly truth: Picture;
  readonly prediction: Picture;
}

/** Takes what it needs from the batches of a test. */
export class SampleCollector {
  readonly #samples = new Map<number, Sample>();
  readonly #wanted: ReadonlySet<number>;

  constructor(
    private readonly set: MaskedSet,
    private readonly form: { readonly batch: number; readonly extent: Size },
  ) {
    const count = Math.min(mostSamples, set.count);
    this.#wanted = new Set(Array.from({ length: count }, (_, i) => Math.floor((i * set.count) / count)));
  }

  /** Of batch number `index` of the test, whose program reports `logits` f32[N, classes, height, width]. */
  async take(index: number, { logits }: Fetches): Promise<void> {
    const { batch, extent } = this.form;
    const [, classes = 0] = logits?.shape ?? [];
    const size = classes * extent.height * extent.width;
    for (let row = 0; row < batch; row++) {
      const at = index * batch + row;
      if (!this.#wanted.has(at)) continue;
      const { picture, mask } = await this.set.read(at);
      if (logits?.data instanceof Float32Array) {
        const own = logits.data.subarray(row * size, (row + 1) * size);
        const whole = { rows: extent.height, columns: extent.width };
        const data = largestClasses(own, classes, whole, picture);
        this.#samples.set(at, { picture, truth: mask, prediction: { ...mask, data } });
      }
    }
  }

  /** In the order of the test. */
  taken(): Sample[] {
    return [...this.#samples].sort(([a], [b]) => a - b).map(([, sample]) => sample);
  }
}

const parts = ['picture', 'truth', 'prediction'] as const;

/** The bytes of the file: u8[height, width, channels] each. */
export function printSamples(samples: readonly Sample[]): Uint8Array {
  return encodeSafetensors(
    samples.flatMap((sample, at) =>
      parts.map((part) => {
        const { height, width, channels, data } = sample[part];
        return [`${at}.${part}`, { dtype: 'U8', shape: [height, width, channels], data }] as const;
      }),
    ),
  );
}

/** What the file says. @throws GenonnxError `file-corrupt`. */
export function parseSamples(bytes: Uint8Array, where: string): Sample[] {
  const { tensors } = decodeSafetensors(bytes, where);
  const part = (name: string): Picture => {
    const tensor = tensors.get(name);
    const [height, width, channels] = tensor?.shape ?? [];
    if (tensor?.dtype === 'U8' && height !== undefined && width !== undefined && channels !== undefined)
      return { height, width, channels, data: tensor.data };
    throw new GenonnxError('file-corrupt', 'The samples of a run are not as a training leaves them.', {
      where,
      expected: `${name}, u8[height, width, channels]`,
      found: [...tensors.keys()].slice(0, 3).join(', '),
      cure: 'Restore the run from a copy, or remove this file.',
    });
  };
  return Array.from({ length: tensors.size / parts.length }, (_, at) => ({
    picture: part(`${at}.picture`),
    truth: part(`${at}.truth`),
    prediction: part(`${at}.prediction`),
  }));
}
