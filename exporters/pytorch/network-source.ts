// The Python of what lies around the primitives: layers that every network has, the cell, the auxiliary head, and the
// network, specialised to its stem and to whether it has the head.
import type { PyTorchNetwork } from './model.js';

const layers = [
  `\
def pointwise(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """A 1x1 convolution: [N, inputs, H, W] -> [N, outputs, H/stride, W/stride]."""
    return nn.Conv2d(inputs, outputs, 1, stride, bias=False)`,
  `\
class ReluConvNorm(nn.Module):
    """ReLU, 1x1 convolution, batch norm: [N, inputs, H, W] -> [N, outputs, H, W]."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.op = nn.Sequential(nn.ReLU(), pointwise(inputs, outputs), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)`,
  `\
class FactorizedReduce(nn.Module):
    """Halves an even extent without losing pixels: [N, inputs, H, W] -> [N, outputs, H/2, W/2].

    One half of the channels comes from the pixels at even places, the other from those at odd ones.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv_1 = pointwise(inputs, outputs // 2, stride=2)
        self.conv_2 = pointwise(inputs, outputs // 2, stride=2)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(x)
        return self.bn(torch.cat([self.conv_1(x), self.conv_2(x[:, :, 1:, 1:])], dim=1))`,
];

const cell = `\
class Cell(nn.Module):
    """A cell of the genotype: the outputs of the two cells before it -> [N, len(concat) * C, H, W].

    Args:
        older: channels of the output of the cell before the previous one.
        newer: channels of the output of the previous cell.
        channels: C, those of each node.
        reduction: whether operations on the two inputs halve height and width.
        halved: whether the newer input already has half the extent of the older one.
    """

    def __init__(
        self,
        genotype: CellGenotype,
        older: int,
        newer: int,
        channels: int,
        reduction: bool,
        halved: bool,
    ) -> None:
        super().__init__()
        self.genotype = genotype
        self.preprocess0 = (FactorizedReduce if halved else ReluConvNorm)(older, channels)
        self.preprocess1 = ReluConvNorm(newer, channels)
        self._ops = nn.ModuleList(
            [
                build_operation(primitive, channels, 2 if reduction and source < 2 else 1)
                for node in genotype.nodes
                for primitive, source in node
            ]
        )

    def forward(self, older: Tensor, newer: Tensor) -> Tensor:
        states = [self.preprocess0(older), self.preprocess1(newer)]
        operations = iter(self._ops)
        for node in self.genotype.nodes:
            terms = [next(operations)(states[source]) for _, source in node]
            states.append(functools.reduce(torch.add, terms))
        return torch.cat([states[source] for source in self.genotype.concat], dim=1)`;

/** What is specific to a network of a name. */
interface NetworkSource {
  /** Statements that define the stem. */
  readonly stem: string;
  /** Channels of each of the two maps that the first cell sees. */
  readonly stemChannels: string;
  /** Whether the newer of these has half the extent of the older. */
  readonly halved: 'True' | 'False';
  /** Statements that compute the two, `older` and `newer`, from `images`. */
  readonly runStem: string;
  /** Of the average pool of the auxiliary head. */
  readonly headStride: number;
  readonly headNorm: boolean;
}

const networks: { readonly [N in PyTorchNetwork['name']]: NetworkSource } = {
  cifar: {
    stem: `\
        self.stem = nn.Sequential(
            nn.Conv2d(IMAGE_SHAPE[0], 3 * INIT_CHANNELS, 3, padding=1, bias=False),
            nn.BatchNorm2d(3 * INIT_CHANNELS),
        )`,
    stemChannels: '3 * INIT_CHANNELS',
    halved: 'False',
    runStem: '        older = newer = self.stem(images)',
    headStride: 3,
    headNorm: true,
  },
  imagenet: {
    stem: `\
        self.stem0 = nn.Sequential(
            nn.Conv2d(IMAGE_SHAPE[0], INIT_CHANNELS // 2, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(INIT_CHANNELS // 2),
            nn.ReLU(),
            nn.Conv2d(INIT_CHANNELS // 2, INIT_CHANNELS, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(INIT_CHANNELS),
        )
        self.stem1 = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(INIT_CHANNELS, INIT_CHANNELS, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(INIT_CHANNELS),
        )`,
    stemChannels: 'INIT_CHANNELS',
    halved: 'True',
    runStem: `\
        older = self.stem0(images)
        newer = self.stem1(older)`,
    headStride: 2,
    headNorm: false,
  },
};

/** The layers, in the order in which they need each other; the primitives come between `layers` and `cell`. */
export function networkSource(network: PyTorchNetwork, operations: readonly string[]): string[] {
  const head = network.auxiliary ? [auxiliaryHead(networks[network.name])] : [];
  return [...layers, ...operations, cell, ...head, networkClass(network, networks[network.name])];
}

function auxiliaryHead({ headStride, headNorm }: NetworkSource): string {
  return `\
class AuxiliaryHead(nn.Module):
    """Logits half-way, which help in training: [N, channels, H, W] -> [N, classes].

    Height and width are ${5 + headStride} to ${4 + 2 * headStride}, so that the pooling leaves 2x2 pixels, the convolution one.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2d(5, stride=${headStride}),
            nn.Conv2d(channels, 128, 1, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            nn.Conv2d(128, 768, 2, bias=False),${headNorm ? '\n            nn.BatchNorm2d(768),' : ''}
            nn.ReLU(),
        )
        self.classifier = nn.Linear(768, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).flatten(1))`;
}

function networkClass({ image, classes, auxiliary }: PyTorchNetwork, source: NetworkSource): string {
  const images = `images [N, ${image.channels}, ${image.height}, ${image.width}]`;
  const one = `[N, ${classes}]`;
  return `\
class Network(nn.Module):
    """A stem, the cells, global average pooling, and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
${source.stem}
        self.cells = nn.ModuleList()
        older = newer = ${source.stemChannels}
        channels = INIT_CHANNELS
        halved = ${source.halved}
        for index in range(CELLS):
            reduction = index in REDUCTIONS
            genotype = REDUCE if reduction else NORMAL
            if reduction:
                channels *= 2
            self.cells.append(Cell(genotype, older, newer, channels, reduction, halved))
            older, newer, halved = newer, len(genotype.concat) * channels, reduction
${
  auxiliary
    ? `\
            if index == AUXILIARY_CELL:
                self.auxiliary_head = AuxiliaryHead(newer, CLASSES)
`
    : ''
}\
        self.classifier = nn.Linear(newer, CLASSES)

    def forward(self, images: Tensor) -> ${auxiliary ? 'tuple[Tensor, Tensor]' : 'Tensor'}:
        """${images} -> logits ${one}${auxiliary ? ` and auxiliary logits ${one}` : ''}."""
${source.runStem}
${
  auxiliary
    ? `\
        for index, cell in enumerate(self.cells):
            older, newer = newer, cell(older, newer)
            if index == AUXILIARY_CELL:
                auxiliary = self.auxiliary_head(newer)
        return self.classifier(newer.mean(dim=(2, 3))), auxiliary`
    : `\
        for cell in self.cells:
            older, newer = newer, cell(older, newer)
        return self.classifier(newer.mean(dim=(2, 3)))`
}`;
}
