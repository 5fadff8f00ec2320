// Saved alphas whose kind is not known beforehand: the file's cells say whether they are of a convolutional or a recurrent space, or
// of a single cell.
import type { SafeTensors } from '../../graphs/safetensors.js';
import { type ConvolutionalCell, type ConvolutionalPrimitive, DARTS_SPACE } from '../spaces/convolutional.js';
import { GENOTYPE_FORMS, GENOTYPE_KINDS, type GenotypeKind } from '../spaces/kinds.js';
import { ONE_CELL_SPACE, type OneCellCell, type OneCellPrimitive } from '../spaces/one-cell.js';
import { RECURRENT_SPACE, type RecurrentCell, type RecurrentPrimitive } from '../spaces/recurrent.js';
import {
  type AlphasFile,
  alphasCellNames,
  alphasFromJson,
  alphasFromTensors,
  alphasTensorNames,
  corruptAlphas,
  isCalled,
  isMatrix,
  parseAlphasJson,
} from './alphas-file.js';

/** Alphas with the kind of the genotypes that they stand for. */
export type AnyAlphas =
  | { readonly kind: 'convolutional'; readonly file: AlphasFile<ConvolutionalCell, ConvolutionalPrimitive> }
  | { readonly kind: 'recurrent'; readonly file: AlphasFile<RecurrentCell, RecurrentPrimitive> }
  | { readonly kind: 'one-cell'; readonly file: AlphasFile<OneCellCell, OneCellPrimitive> };

/** As `parseAlphasFile`, with the primitives of DARTS where the file names none. @throws `file-corrupt`. */
export function parseAnyAlphas(text: string, where = 'alphas'): AnyAlphas {
  const content = parseAlphasJson(text, where);
  const kind = kindOfContent(content, where);
  switch (kind) {
    case 'convolutional':
      return { kind, file: alphasFromJson(GENOTYPE_FORMS[kind], content, { where, defaults: DARTS_SPACE }) };
    case 'recurrent':
      return {
        kind,
        file: alphasFromJson(GENOTYPE_FORMS[kind], content, { where, defaults: RECURRENT_SPACE }),
      };
    case 'one-cell':
      return {
        kind,
        file: alphasFromJson(GENOTYPE_FORMS[kind], content, { where, defaults: ONE_CELL_SPACE }),
      };
  }
}

/** As `alphasFromTensors`, with the primitives of DARTS where the metadata names none. @throws `file-corrupt`. */
export function anyAlphasFromTensors(file: SafeTensors, where = 'alphas'): AnyAlphas {
  const names = [...file.tensors.keys()];
  const kind = only(
    // As with bare lists: a name without a cell's is that of a recurrent one.
    (form, cell) => {
      const called =
        form === GENOTYPE_FORMS.recurrent ? alphasTensorNames(form, cell) : alphasCellNames(cell);
      return names.some((own) => isCalled(own, called));
    },
    names,
    where,
  );
  switch (kind) {
    case 'convolutional':
      return { kind, file: alphasFromTensors(GENOTYPE_FORMS[kind], file, { where, defaults: DARTS_SPACE }) };
    case 'recurrent':
      return {
        kind,
        file: alphasFromTensors(GENOTYPE_FORMS[kind], file, { where, defaults: RECURRENT_SPACE }),
      };
    case 'one-cell':
      return {
        kind,
        file: alphasFromTensors(GENOTYPE_FORMS[kind], file, { where, defaults: ONE_CELL_SPACE }),
      };
  }
}

/** A bare list of rows, or of one list of them, is a recurrent cell's. */
function kindOfContent(content: unknown, where: string): GenotypeKind {
  if (Array.isArray(content))
    return isMatrix(content) || content.length === 1 ? 'recurrent' : 'convolutional';
  const names = typeof content === 'object' && content !== null ? Object.keys(content) : [];
  return only((_form, cell) => names.includes(cell), names, where);
}

/** The only kind of which there is a cell. */
function only(
  has: (form: (typeof GENOTYPE_FORMS)[GenotypeKind], cell: string) => boolean,
  names: readonly string[],
  where: string,
): GenotypeKind {
  const [kind, ...others] = GENOTYPE_KINDS.filter((one) => {
    const form = GENOTYPE_FORMS[one];
    return form.cellTypes.some(({ name }) => has(form, name));
  });
  if (kind !== undefined && others.length === 0) return kind;
  const cells = GENOTYPE_KINDS.map((one) => {
    const cellNames = GENOTYPE_FORMS[one].cellTypes.map(({ name }) => name);
    return `${cellNames.join(' and ')} (${one})`;
  });
  throw corruptAlphas(where, '', cells.join(', or '), names.slice(0, 5).join(', ') || 'nothing');
}
