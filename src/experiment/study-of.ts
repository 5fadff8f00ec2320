// The study that an experiment is at a scale: what the declaration says of it, with a name, and with the data that the user has in
// the place of data that does not come with the package.
import { stringify } from 'yaml';
import { GenonnxError } from '../errors.js';
import type { ChildOptions } from '../study/child-settings.js';
import type { Study } from '../study/config.js';
import { parseStudy } from '../study/study-file.js';
import type { TaskName } from '../tasks/tasks.js';
import type { ScaleDeclaration, TableDeclaration } from './declaration.js';
import type { Scale } from './names.js';

/** Folders of the user's. */
export interface GivenData {
  readonly data?: string | undefined;
  readonly searchData?: string | undefined;
}

interface StudyRequest {
  readonly scale: Scale;
  /** The declaration's file, for messages. */
  readonly source: string;
  readonly optionsOf: (task: TaskName) => ChildOptions;
  readonly given: GivenData;
}

/** @throws GenonnxError `usage` for data that only the user can have, and for a study that cannot be. */
export function studyOf(
  { title, source: item, scales }: TableDeclaration,
  { scale, source, optionsOf, given }: StudyRequest,
): Study {
  const { study, ...needs } = scales[scale];
  const data = {
    ...(given.data === undefined ? requiredData(needs, 'data', study) : { data: given.data }),
    ...(given.searchData === undefined
      ? requiredData(needs, 'search-data', study)
      : { 'search-data': given.searchData }),
  };
  const text = stringify({ name: `${item}: ${title}`, ...study, ...data });
  return parseStudy(text, `${source}, ${scale}`, optionsOf);
}

function requiredData(
  needs: Omit<ScaleDeclaration, 'study'>,
  key: 'data' | 'search-data',
  study: ScaleDeclaration['study'],
): object {
  const need = needs[key];
  if (need === undefined || study[key] !== undefined) return {};
  const option = key === 'data' ? '`data`' : '`searchData`';
  throw new GenonnxError('usage', 'This scale needs data that does not come with the package.', {
    where: option,
    expected: need.what,
    found: 'none',
    cure: `Name its folder as ${option}, or take the scale small.`,
  });
}
