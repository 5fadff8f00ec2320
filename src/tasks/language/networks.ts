// The networks of the task with their losses, as the programs of searches and trainings trace them.
import { Builder } from '../../../graphs/builder.js';
import type { Optimizer } from '../../../graphs/optimizers/optimizer.js';
import { derivedLanguage, type LanguageNetwork } from '../../networks/recurrent/derived-language.js';
import {
  carriedHidden,
  noRegularisation,
  type Regularisation,
  type TracedLanguage,
} from '../../networks/recurrent/language-loss.js';
import { recurrentSupernet } from '../../networks/recurrent/supernet.js';
import type { SupernetTracer } from '../../networks/search-programs.js';
import { buildStep, type Carried, type Step, type TracedLoss } from '../../networks/step.js';
import type { RecurrentSpace } from '../../spaces/recurrent.js';

/** The name of the open dimension of a window's words. */
const STEPS = 'steps';

/** How large it gets. */
export function windowExtents(steps: number): ReadonlyMap<string, number> {
  return new Map([[STEPS, steps]]);
}

function withLoss(
  g: Builder,
  traced: TracedLanguage,
  carry: (last: TracedLanguage['last']) => Carried,
): TracedLoss {
  return {
    g,
    loss: traced.loss,
    reports: [{ name: 'crossEntropy', value: g.reshape(traced.crossEntropy, [1]) }],
    carried: [carry(traced.last)],
  };
}

export interface SupernetSettings {
  readonly space: RecurrentSpace;
  readonly words: number;
  readonly width: number;
  /** Columns of a training step, and of an evaluation. */
  readonly batch: number;
  readonly validationBatch: number;
  readonly regularisation: Regularisation;
}

/**
 * The supernet, as `edgeFeeds` steers it. Alphas are judged by the cross entropy alone, and their steps leave the running
 * statistics as they are: those follow the last steps of a window, whose words the alphas' windows are not from.
 */
export function languageSupernet({
  batch,
  validationBatch,
  regularisation,
  ...network
}: SupernetSettings): SupernetTracer {
  return (training, route) => {
    const g = new Builder();
    const columns = training ? batch : validationBatch;
    const { hidden, carry } = carriedHidden(g, columns, network.width);
    const traced = recurrentSupernet(
      g,
      { ...network, training, exact: training && route === 'all' },
      { steps: STEPS, batch: columns },
      hidden,
      training ? regularisation : noRegularisation,
    );
    return {
      ...withLoss(g, traced, carry),
      code: traced.code,
      judgement: traced.crossEntropy,
      // Deviation: in DARTS's they move.
      freezesStatistics: true,
    };
  };
}

function traceDerived(network: LanguageNetwork, batch: number, regularisation: Regularisation): TracedLoss {
  const g = new Builder();
  const { hidden, carry } = carriedHidden(g, batch, network.width);
  const traced = derivedLanguage(g, network, { steps: STEPS, batch }, hidden, regularisation);
  return withLoss(g, traced, carry);
}

/** The training step of a derived network. */
export function languageStep(
  network: LanguageNetwork,
  batch: number,
  regularisation: Regularisation,
  optimizer: Optimizer,
): Step {
  const traced = traceDerived(network, batch, regularisation);
  return buildStep(traced, { name: 'language-step', optimizer, movesStatistics: false });
}

/** The mean cross entropy of windows, without masks and penalties; `stream` is whose hidden state it carries. */
export function languageEvaluation(network: LanguageNetwork, batch: number, stream: string): Step {
  const traced = traceDerived(network, batch, noRegularisation);
  return buildStep(traced, { name: `language-${stream}`, movesStatistics: false, stream });
}
