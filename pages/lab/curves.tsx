// Loss, accuracy and what else there is of each epoch.
import type { EpochView } from '../../src/lab/calls.js';
import { percent } from '../../src/report/format.js';
import { DARTS_SPACE } from '../../src/spaces/convolutional.js';
import { Chart, type Series } from '../parts/chart.js';

export interface CurvesProps {
  readonly epochs: readonly EpochView[];
  readonly kind: 'search' | 'train';
}

const dashed = [6, 4] as const;

export function Curves({ epochs, kind }: CurvesProps) {
  if (epochs.length === 0) return <p class="muted">Curves begin with the first epoch.</p>;
  const column = (of: (epoch: EpochView) => number | null) => epochs.map(of);
  const accuracy: Series[] = [
    { name: 'training', colour: '--train', values: column(({ accuracy }) => accuracy) },
    { name: 'held out', colour: '--held', values: column(({ validationAccuracy }) => validationAccuracy) },
    ...(kind === 'search'
      ? [
          {
            name: 'derived genotype',
            colour: '--child',
            dash: dashed,
            values: column((epoch) => (epoch.kind === 'search' ? epoch.childAccuracy : null)),
          },
        ]
      : []),
  ];
  const entropy = DARTS_SPACE.cellTypes.map(
    ({ name, title }, index): Series => ({
      name: title,
      colour: index === 0 ? '--train' : '--held',
      dash: index === 0 ? undefined : dashed,
      values: column((epoch) => (epoch.kind === 'search' ? (epoch.entropy[name] ?? null) : null)),
    }),
  );
  const revision = epochs.length;
  return (
    <section aria-labelledby="curves">
      <h3 id="curves">Curves</h3>
      <div class="charts">
        <Chart
          title="Loss"
          revision={revision}
          format={(loss) => loss.toFixed(2)}
          series={[{ name: 'training', colour: '--train', values: column(({ loss }) => loss) }]}
        />
        <Chart title="Accuracy" revision={revision} format={(share) => percent(share)} series={accuracy} />
        {kind === 'search' && (
          <Chart
            title="Entropy of the probabilities"
            revision={revision}
            format={(share) => percent(share)}
            yMin={0}
            yMax={1}
            series={entropy}
          />
        )}
      </div>
    </section>
  );
}
