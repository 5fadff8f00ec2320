// From a preset and what is given to the whole settings of a search.
import { GenonnxError } from '../../errors.js';
import { METHOD_TABLE, METHODS, type MethodName, requireTaken } from '../../estimators/methods.js';
import { paperSizes } from '../../networks/evaluation.js';
import { type Given, withGiven } from '../given.js';
import { parseSettings } from '../parse-settings.js';
import { methodOptionsSchema } from '../recipes.js';
import type { SettingsRequest } from '../task.js';
import { requireOneAugmentation, withCrops } from './image-settings.js';
import { latencySchema } from './latency-budget.js';
import { type PresetName, presetOf } from './presets.js';
import { presetFor, type SearchConfig, searchConfigSchema, searchPresets } from './search-settings.js';

/** Any member of the settings; what is none of theirs is refused by the schema. */
export type SearchGiven = Given<SearchConfig>;

export interface SearchRequest extends SettingsRequest<PresetName> {
  readonly given: SearchGiven;
}

/** @throws GenonnxError `usage` for settings that cannot be, that the method does not take, or that lack another. */
export function resolveSearch({ preset, given, threads }: SearchRequest): SearchConfig {
  const { name, data } = presetOf(preset, given.data);
  const method = METHODS.find((known) => known === given.method) ?? searchPresets[name].method;
  const { samples, scope, parameterisation, normalise, route } = given;
  requireTaken(method, methodOptionsSchema.parse({ samples, scope, parameterisation, normalise, route }));
  const base = withCrops({ ...presetFor(name, method), data, seed: 1, threads }, given);
  const settings = withGiven(withBudget(base, given), given);
  requireMeaning(given, method);
  // In a small run the temperature falls over the whole of it.
  const follows = name === 'small' && given.temperature?.epochs === undefined;
  const config = parseSettings(
    searchConfigSchema,
    follows ? withGiven(settings, { temperature: { epochs: settings.epochs } }) : settings,
  );
  requireOneAugmentation(config);
  return config;
}

function withBudget(
  settings: { readonly penalties: object },
  { budget, penalties, network = 'cifar' }: SearchGiven,
): object {
  if (budget?.most !== undefined) {
    // A latency table says of which child it is.
    const latency = 'latency' in budget ? latencySchema.safeParse(budget.latency).data : undefined;
    const { cells, initChannels: channels } = latency?.network ?? paperSizes[network];
    const whole = { unit: 'macs', cells, channels };
    return { ...settings, budget: whole, penalties: { ...settings.penalties, budget: 1 } };
  }
  if (budget === undefined && penalties?.budget === undefined) return settings;
  throw new GenonnxError('usage', 'There is no budget.', {
    where: budget === undefined ? '`penalties.budget`' : `\`budget.${Object.keys(budget)[0] ?? 'most'}\``,
    expected: '`budget.most` N beside it',
    cure: 'Say what the trained child may cost: 5e8 multiply-adds, for example.',
  });
}

/** @throws GenonnxError `usage` for what a method has no use for. */
function requireMeaning({ stopOnSkips }: SearchGiven, method: MethodName): void {
  if (stopOnSkips !== true || METHOD_TABLE[method].keepsFixedNumber) return;
  throw new GenonnxError('usage', `\`stopOnSkips\` means nothing to the method ${method}.`, {
    expected: 'a method that keeps two operations a node: darts, darts-2nd, gdas',
    found: method,
    cure: 'Leave it out: a node of several operations may well have several skip connections.',
  });
}
