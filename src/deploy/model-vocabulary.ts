// The vocabulary of a language model: the file that lies beside it, and that its metadata knows by a checksum.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readVocabulary } from '../data/text/vocabulary-file.js';
import {
  requireRecorded,
  requireVocabularySize,
  type VocabularyRecord,
  vocabularyRecordSchema,
} from '../data/text/vocabulary-record.js';
import { GenonnxError } from '../errors.js';

/** What a model says of its vocabulary; undefined for one without. @throws GenonnxError `model-corrupt` for nonsense. */
export function vocabularyRecordIn(
  metadata: ReadonlyMap<string, string>,
  where: string,
): VocabularyRecord | undefined {
  const text = metadata.get('vocabulary');
  if (text === undefined) return undefined;
  const parsed = vocabularyRecordSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new GenonnxError('model-corrupt', 'The model says nonsense of its vocabulary.', {
    where: `${where}: metadata vocabulary`,
    found: text.slice(0, 80),
    cure: 'Compile the model again.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface VocabularyRequest {
  /** Path of the model. */
  readonly model: string;
  readonly metadata: ReadonlyMap<string, string>;
  /** Rows of its table. */
  readonly rows: number;
  /** Another file than the one beside it. */
  readonly given?: string | undefined;
}

/**
 * The words of a model, in the order of its rows; undefined for a model that was compiled without and is given none.
 * @throws GenonnxError `file-missing`, `data-corrupt`; `weights-mismatch` for another vocabulary than the model's.
 */
export async function vocabularyOf({
  model,
  metadata,
  rows,
  given,
}: VocabularyRequest): Promise<string[] | undefined> {
  const record = vocabularyRecordIn(metadata, model);
  if (record === undefined && given === undefined) return undefined;
  const path = given ?? placeBeside(model, record?.file ?? '');
  const words = await readVocabulary(path).catch((error: unknown) => {
    throw given === undefined ? withCure(error, path) : error;
  });
  if (record === undefined) requireVocabularySize(words, rows);
  else requireRecorded(words, record, path);
  return words;
}

/** Beside the model, or above it: as the Hub of Hugging Face has models, they lie in a folder of their own. */
function placeBeside(model: string, file: string): string {
  const [beside, above] = [join(dirname(model), file), join(dirname(model), '..', file)];
  return !existsSync(beside) && existsSync(above) ? above : beside;
}

function withCure(error: unknown, where: string): unknown {
  if (!(error instanceof GenonnxError) || error.code !== 'file-missing') return error;
  return new GenonnxError(
    'file-missing',
    'The vocabulary of the model does not lie beside it.',
    {
      where,
      expected: 'the file of words that was written with the model',
      found: 'no such file',
      cure: 'Copy it there, or name it with `vocabulary`.',
    },
    { cause: error },
  );
}
