// The layout that the engine gets on this machine; a fall back is said.
import type { Layout } from '../../graphs/onnx/lower.js';
import { chooseLayout, type LayoutChoice, type LayoutSources } from '../engines/choice.js';
import { layoutSourcesHere } from '../engines/here.js';
import { version } from '../version.js';

/** As `chooseLayout`; a fall back from kernels that give wrong results is a note. */
export async function resolveLayout(
  choice: LayoutChoice,
  note: (text: string) => void,
  sources: LayoutSources = layoutSourcesHere(version),
): Promise<Layout> {
  const { layout, reason, distrusted } = await chooseLayout(choice, sources);
  if (distrusted) note(`warning: the portable layout is used, which is slower: ${reason}`);
  return layout;
}
