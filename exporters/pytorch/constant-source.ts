// The Python constants at the top of the module: sizes, the genotype as data, metadata.
import type { PyTorchCell, PyTorchModel } from './model.js';
import { dictionaryLines, listLines, pythonString } from './python.js';

/** The class of the genotype's cells. */
export const genotypeClass = `\
class CellGenotype(NamedTuple):
    """What a cell computes.

    State 0 is the output of the cell before the previous one, state 1 that of the previous one, and
    state 2 + i is node i: the sum of its operations, each applied to the state that it names.
    The states in \`concat\`, side by side along the channels, are the output.
    """

    nodes: list[list[tuple[str, int]]]
    concat: list[int]`;

/** Members of the metadata that the module holds as data already. */
const saidElsewhere: ReadonlySet<string> = new Set(['genotype', 'network']);

export function constantSource({ network, genotype, metadata }: PyTorchModel): string[] {
  const { cells, initChannels, classes, image } = network;
  return [
    genotypeClass,
    `\
${cellLines('NORMAL', genotype.normal)}

${cellLines('REDUCE', genotype.reduce)}

CELLS = ${cells}
INIT_CHANNELS = ${initChannels}  # of the nodes of the first cells; each reduction doubles them
CLASSES = ${classes}
IMAGE_SHAPE = (${image.channels}, ${image.height}, ${image.width})  # channels, height, width

# The cells that halve height and width.
REDUCTIONS = {CELLS // 3, 2 * CELLS // 3}
${network.auxiliary ? '\n# The cell whose output the auxiliary head sees.\nAUXILIARY_CELL = 2 * CELLS // 3\n' : ''}
${metadataLines(metadata)}`,
  ];
}

/** What the module does not hold as data already. */
export function metadataLines(metadata: Readonly<Record<string, string>>): string {
  const rest = Object.entries(metadata).filter(([name]) => !saidElsewhere.has(name));
  return `\
# What the model says of itself. Where known, class labels and the normalisation that images need
# are JSON, under "classes" and "normalisation".
${dictionaryLines(rest, 'METADATA: dict[str, str] = ').join('\n')}`;
}

/** A cell of the genotype as data. */
export function cellLines(name: string, { nodes, concat }: PyTorchCell): string {
  const rows = nodes.flatMap((node) =>
    listLines(
      node.map(({ primitive, input }) => `(${pythonString(primitive)}, ${input})`),
      8,
    ),
  );
  const last = listLines(concat.map(String), 4, 'concat=');
  return [`${name} = CellGenotype(`, '    nodes=[', ...rows, '    ],', ...last, ')'].join('\n');
}
