// What a segmentation finds: of a few test pictures the truth and the prediction beside them, and of each class how much of it is
// found. IoU is the share of what is of a class, or was taken for it, that is both.
import { integer, percent } from './format.js';
import { html, Markup } from './html.js';

/** Red, green and blue, 0 to 255. */
type ColourData = readonly [red: number, green: number, blue: number];

export interface SegmentedClassData {
  readonly name: string;
  readonly colour: ColourData;
  /** Test pixels of it. */
  readonly pixels: number;
  /** Not a number where the class is neither there nor found. */
  readonly iou: number;
  /** Shares of what is of the class that is found, and of what was taken for it that is of it. */
  readonly recall: number;
  readonly precision: number;
}

/** Of one test picture, each as a data URL of a PNG. */
export interface SampleData {
  readonly width: number;
  readonly height: number;
  readonly picture: string;
  readonly truth: string;
  readonly prediction: string;
}

export interface SegmentationData {
  readonly samples: readonly SampleData[];
  readonly classes: readonly SegmentedClassData[];
  /** Of pixels without a class. */
  readonly border: ColourData;
}

export function segmentation({ samples, classes, border }: SegmentationData): Markup {
  return html`<section id="segmentation"><h2>Masks</h2>
${samples.length === 0 ? undefined : pictures(samples, classes, border)}
<h3>By class</h3>
<p class="muted">Of all test pixels that have a class. IoU is the share of what is of a class, or was taken for it, that is both; a class that is neither there nor found has none.</p>
<div class="scroll"><table>
<thead><tr><th>Class</th><th>IoU</th><th>Recall</th><th>Precision</th><th>Test pixels</th></tr></thead>
<tbody>${classes.map(
    ({ name, colour, pixels, iou, recall, precision }) =>
      html`<tr><td>${swatch(colour)}${name}</td><td>${bar(iou)}${percent(iou)}</td><td>${percent(recall)}</td><td>${percent(precision)}</td><td>${integer(pixels)}</td></tr>\n`,
  )}</tbody></table></div></section>`;
}

function pictures(
  samples: readonly SampleData[],
  classes: readonly SegmentedClassData[],
  border: ColourData,
): Markup {
  // Those that are there, and those that something was taken for.
  const shown = classes.slice(1).filter(({ pixels, precision }) => pixels > 0 || !Number.isNaN(precision));
  return html`<p class="muted">Test pictures, what is in them, and what the network finds.</p>
<ul class="legend">${shown.map(({ name, colour }) => html`<li>${swatch(colour)}${name}</li>`)}<li>${swatch(border)}no class</li></ul>
<div class="samples">${samples.map(
    (sample, at) =>
      html`<figure><div class="sample">${(['picture', 'truth', 'prediction'] as const).map(
        (part) =>
          html`<div><img src="${sample[part]}" alt="${`${partNames[part]} of test picture ${at + 1}`}" width="${sample.width}" height="${sample.height}"><span>${part}</span></div>`,
      )}</div></figure>\n`,
  )}</div>`;
}

const partNames = { picture: 'Picture', truth: 'Truth', prediction: 'Prediction' } as const;

function swatch(colour: ColourData): Markup {
  return html`<i class="swatch" style="background:rgb(${colour.join(',')})"></i>`;
}

/** As long as the share that it stands for. */
function bar(share: number): Markup | undefined {
  if (!Number.isFinite(share)) return undefined;
  return html`<i class="share" style="width:${new Markup((60 * share).toFixed(1))}px"></i>`;
}
