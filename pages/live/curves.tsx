// The curves of one run: loss and metrics, entropy, skips, cost, throughput.
import { cellWords } from '../../src/report/cell-words.js';
import { compact, percent, shown } from '../../src/report/format.js';
import { Chart, type Series } from '../parts/chart.js';
import type { KnownRun } from './state.js';
import { lossText, metricText } from './words.js';

const cellColours = ['--train', '--held', '--child'] as const;
const dashed = [6, 4] as const;

export function Curves({ run }: { readonly run: KnownRun }) {
  const { info, columns, bytes, generation } = run;
  const revision = `${generation}.${bytes}`;
  const one = (name: string, colour: string, column: string, more: Partial<Series> = {}): Series[] => {
    const values = columns.get(column);
    return values === undefined ? [] : [{ name, colour, values, ...more }];
  };
  const scores = (name: string): Series[] => [
    ...one('training', '--train', `train.${name}`),
    ...one('validation', '--held', `validation.${name}`),
    ...one('derived genotype', '--child', `child.${name}`, { dash: dashed }),
  ];
  const perCell = (prefix: string, stepped = false): Series[] =>
    (info.search?.cellTypes ?? []).flatMap(({ name, title }, index) =>
      one(title, cellColours[index % cellColours.length] ?? '--train', `${prefix}.${name}`, {
        stepped,
        dash: index > 0 ? dashed : undefined,
      }),
    );
  const charts = [
    { title: 'Loss', series: scores('loss'), format: lossText },
    ...info.metrics.map((metric) => ({
      title: metric.title,
      series: scores(metric.name),
      format: (value: number) => metricText(metric, value),
    })),
    { title: 'Entropy of the probabilities', series: perCell('entropy'), format: percent, yMin: 0, yMax: 1 },
    {
      title: 'Skip connections in the derived cell',
      series: cellWords[info.cellKind].hasSkips ? perCell('skips', true) : [],
      format: (value: number) => String(Math.round(value)),
      yMin: 0,
      whole: true,
    },
    {
      title: `Expected cost of the child${costUnit(run)}`,
      series: one('expected cost', '--train', 'expectedCost'),
      format: compact,
    },
    {
      title: `${info.examples.charAt(0).toUpperCase()}${info.examples.slice(1)} a second`,
      series: one(info.examples, '--train', 'examplesPerSecond'),
      format: compact,
      yMin: 0,
    },
    {
      title: 'Learning rate',
      series: one('learning rate', '--train', 'learningRate'),
      format: rateText,
      yMin: 0,
    },
    { title: 'Temperature', series: one('temperature', '--train', 'temperature'), format: rateText, yMin: 0 },
  ];
  return (
    <div class="charts">
      {charts
        .filter(({ series }) => series.length > 0)
        .map((chart) => (
          <Chart key={chart.title} revision={revision} {...chart} />
        ))}
    </div>
  );
}

function rateText(value: number): string {
  return shown(value, (x) => String(Number(x.toPrecision(2))));
}

function costUnit({ info }: KnownRun): string {
  const unit = info.settings['budget.unit'];
  return unit === undefined ? '' : `, ${unit === 'latency' ? 'ms' : unit}`;
}
