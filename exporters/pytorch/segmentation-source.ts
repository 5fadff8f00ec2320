// The Python module of a segmentation network: constants, the reader of the weights, the primitives of the genotype at any rate,
// cells, backbone, head, and what it does as a script.
import { cellLines, genotypeClass, metadataLines } from './constant-source.js';
import { imports, loader, readerSource } from './module-source.js';
import type { PyTorchPrimitive } from './operation-source.js';
import type { PyTorchSegmentationModel, PyTorchSegmentationNetwork } from './segmentation-model.js';

/** The text of `model.py`. */
export function segmentationSource(model: PyTorchSegmentationModel): string {
  const { network, genotype } = model;
  const used = new Set(
    [genotype.normal, genotype.reduce].flatMap(({ nodes }) => nodes.flat().map(({ primitive }) => primitive)),
  );
  return `${[
    `${description(network)}\n\n${imports}`,
    genotypeClass,
    constants(model),
    sampling,
    ...layers,
    ...operations(used),
    cell,
    backbone,
    head,
    networkClass(network),
    readerSource,
    loader('segment'),
    script,
    'if __name__ == "__main__":\n    main()',
  ].join('\n\n\n')}\n`;
}

function description({ cells, classes, image, outputStride }: PyTorchSegmentationNetwork): string {
  const shape = `[N, ${image.channels}, ${image.height}, ${image.width}]`;
  return `\
"""A segmentation network, DeepLab v3 on ${cells} cells at output stride ${outputStride}, as genonnx exported it.

    from model import load

    network = load("weights.safetensors")
    logits = network(images)  # ${shape} -> [N, ${classes}, ${image.height}, ${image.width}]

Images of any extent do. Needs PyTorch 1.12 or later, and nothing else. Parameters behind
\`backbone.\` have the names that DARTS's PyTorch definitions give them, those of the head
torchvision's. \`Network()\` has fresh weights; dropout, which matters in training only, is left to
whoever trains it.

As a script, it loads the weights beside it and segments random images.
"""`;
}

function constants({ network, genotype, metadata }: PyTorchSegmentationModel): string {
  const { cells, initChannels, classes, image, outputStride, asppWidth, rates } = network;
  return `\
${cellLines('NORMAL', genotype.normal)}

${cellLines('REDUCE', genotype.reduce)}

CELLS = ${cells}
INIT_CHANNELS = ${initChannels}  # of the nodes of the first cells; each reduction doubles them
CLASSES = ${classes}
IMAGE_SHAPE = (${image.channels}, ${image.height}, ${image.width})  # channels, height, width

# Cells at which channels double, and height and width are halved until there are so many image
# pixels for one.
REDUCTIONS = {CELLS // 3, 2 * CELLS // 3}
OUTPUT_STRIDE = ${outputStride}

# Of the head: channels of each branch, and distances of its 3x3 convolutions.
ASPP_WIDTH = ${asppWidth}
RATES = (${rates.join(', ')})

${metadataLines(metadata)}`;
}

const sampling = `\
class Sampling(NamedTuple):
    """How an operation reads a map.

    A reduction that loses its stride reads every pixel; what follows it reads pixels at twice the
    distance instead, so that the same weights compute the same features.
    """

    stride: int
    rate: int  # the distance of a window's pixels, over that of the network without rates
    rate_after: int  # the same behind the strided convolution`;

const layers = [
  `\
def pointwise(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """A 1x1 convolution."""
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
    """Halves any extent, rounded up: one half of the channels comes from the pixels at the stride,
    the other from those behind them by the rate, with zeros beyond the end."""

    def __init__(self, inputs: int, outputs: int, sampling: Sampling) -> None:
        super().__init__()
        self.shift = sampling.rate
        self.conv_1 = pointwise(inputs, outputs // 2, sampling.stride)
        self.conv_2 = pointwise(inputs, outputs // 2, sampling.stride)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(x)
        moved = functional.pad(x, (0, self.shift, 0, self.shift))[:, :, self.shift :, self.shift :]
        return self.bn(torch.cat([self.conv_1(x), self.conv_2(moved)], dim=1))`,
];

const depthwise = `\
def depthwise(channels: int, kernel: int, stride: int, dilation: int) -> nn.Conv2d:
    """A convolution of each channel by itself, padded so that stride 1 keeps the extent."""
    padding = dilation * (kernel - 1) // 2
    return nn.Conv2d(
        channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False
    )`;

const separable = `\
class SeparableConv(nn.Module):
    """(ReLU, depthwise, pointwise, norm) twice, the stride in the first."""

    def __init__(self, channels: int, kernel: int, sampling: Sampling) -> None:
        super().__init__()
        self.op = nn.Sequential(
            nn.ReLU(),
            depthwise(channels, kernel, sampling.stride, sampling.rate),
            pointwise(channels, channels),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            depthwise(channels, kernel, 1, sampling.rate_after),
            pointwise(channels, channels),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)`;

const dilated = `\
class DilatedConv(nn.Module):
    """ReLU, depthwise of dilation 2, pointwise, norm."""

    def __init__(self, channels: int, kernel: int, sampling: Sampling) -> None:
        super().__init__()
        self.op = nn.Sequential(
            nn.ReLU(),
            depthwise(channels, kernel, sampling.stride, 2 * sampling.rate),
            pointwise(channels, channels),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)`;

const crossed7 = `\
def conv_1x7_7x1(channels: int, sampling: Sampling) -> nn.Sequential:
    """ReLU, 1x7, 7x1 convolution, norm; each is strided along its own axis."""
    stride, rate, _ = sampling
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(
            channels, channels, (1, 7), (1, stride), (0, 3 * rate), (1, rate), bias=False
        ),
        nn.Conv2d(
            channels, channels, (7, 1), (stride, 1), (3 * rate, 0), (rate, 1), bias=False
        ),
        nn.BatchNorm2d(channels),
    )`;

const maxPool = `\
class MaxPool(nn.Module):
    """The largest of 3x3 pixels. PyTorch's own padding is at most half of a kernel."""

    def __init__(self, sampling: Sampling) -> None:
        super().__init__()
        self.stride, self.rate, _ = sampling

    def forward(self, x: Tensor) -> Tensor:
        padded = functional.pad(x, [self.rate] * 4, value=-torch.inf)
        return functional.max_pool2d(padded, 3, self.stride, dilation=self.rate)`;

const averagePool = `\
class AveragePool(nn.Module):
    """The mean of those of 3x3 pixels that lie in the map."""

    def __init__(self, sampling: Sampling) -> None:
        super().__init__()
        self.stride, self.rate, _ = sampling

    def sums(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        ones = x.new_ones(channels, 1, 3, 3)
        return functional.conv2d(
            x, ones, None, self.stride, padding=self.rate, dilation=self.rate, groups=channels
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.sums(x) / self.sums(torch.ones_like(x[:1, :1]))`;

interface PrimitiveSource {
  /** An expression of `channels`, `reduces` and `sampling`. */
  readonly build: string;
  readonly definitions: readonly string[];
}

const separableOf = (kernel: number): PrimitiveSource => ({
  build: `SeparableConv(channels, ${kernel}, sampling)`,
  definitions: [depthwise, separable],
});
const dilatedOf = (kernel: number): PrimitiveSource => ({
  build: `DilatedConv(channels, ${kernel}, sampling)`,
  definitions: [depthwise, dilated],
});

const primitives: { readonly [P in PyTorchPrimitive]: PrimitiveSource } = {
  max_pool_3x3: { build: 'MaxPool(sampling)', definitions: [maxPool] },
  avg_pool_3x3: { build: 'AveragePool(sampling)', definitions: [averagePool] },
  skip_connect: {
    build: 'FactorizedReduce(channels, channels, sampling) if reduces else nn.Identity()',
    definitions: [],
  },
  sep_conv_3x3: separableOf(3),
  sep_conv_5x5: separableOf(5),
  sep_conv_7x7: separableOf(7),
  dil_conv_3x3: dilatedOf(3),
  dil_conv_5x5: dilatedOf(5),
  conv_7x1_1x7: { build: 'conv_1x7_7x1(channels, sampling)', definitions: [crossed7] },
};

function operations(used: ReadonlySet<PyTorchPrimitive>): string[] {
  const rows = Object.entries(primitives).filter(([name]) => [...used].some((other) => other === name));
  const definitions = new Set(rows.flatMap(([, row]) => row.definitions));
  const build = `\
def build_operation(
    primitive: str, channels: int, reduces: bool, sampling: Sampling
) -> nn.Module:
    """A primitive of the genotype, with as many channels as its input.

    \`reduces\` says whether it halves in the network without rates, whatever its stride here.
    """
${rows.map(([name, row]) => `    if primitive == "${name}":\n        return ${row.build}`).join('\n')}
    raise ValueError(f"unknown primitive: {primitive!r}")`;
  return [...definitions, build];
}

const cell = `\
class Cell(nn.Module):
    """A cell of the genotype: the outputs of the two cells before it -> [N, len(concat) * C, H, W].

    Args:
        older: channels of the output of the cell before the previous one.
        newer: channels of the output of the previous cell.
        channels: C, those of each node.
        reduction: whether this is a reduction cell.
        sampling: how operations on the two inputs read them.
        halving: how the previous cell, or the stem, reduced its input; None where it did not.
    """

    def __init__(
        self,
        genotype: CellGenotype,
        older: int,
        newer: int,
        channels: int,
        reduction: bool,
        sampling: Sampling,
        halving: Sampling | None,
    ) -> None:
        super().__init__()
        self.genotype = genotype
        self.preprocess0 = (
            ReluConvNorm(older, channels)
            if halving is None
            else FactorizedReduce(older, channels, halving)
        )
        self.preprocess1 = ReluConvNorm(newer, channels)
        behind = Sampling(1, sampling.rate_after, sampling.rate_after)
        self._ops = nn.ModuleList(
            [
                build_operation(
                    primitive,
                    channels,
                    reduction and source < 2,
                    sampling if source < 2 else behind,
                )
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

const backbone = `\
class Backbone(nn.Module):
    """The ImageNet network without its classifier: [N, C, H, W] -> [N, channels, h, w]."""

    def __init__(self) -> None:
        super().__init__()
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
        )
        self.cells = nn.ModuleList()
        older = newer = channels = INIT_CHANNELS
        output_stride, rate = 8, 1
        halving: Sampling | None = Sampling(2, 1, 1)
        for index in range(CELLS):
            reduction = index in REDUCTIONS
            sampling = Sampling(1, rate, rate)
            if reduction:
                channels *= 2
                if output_stride < OUTPUT_STRIDE:
                    output_stride *= 2
                    sampling = Sampling(2, rate, rate)
                else:
                    sampling = Sampling(1, rate, 2 * rate)
                    rate *= 2
            genotype = REDUCE if reduction else NORMAL
            self.cells.append(Cell(genotype, older, newer, channels, reduction, sampling, halving))
            older, newer = newer, len(genotype.concat) * channels
            halving = sampling if reduction else None
        self.channels = newer

    def forward(self, images: Tensor) -> Tensor:
        older = self.stem0(images)
        newer = self.stem1(older)
        for cell in self.cells:
            older, newer = newer, cell(older, newer)
        return functional.relu(newer)`;

const head = `\
def branch(inputs: int, kernel: int = 1, dilation: int = 1) -> list[nn.Module]:
    """Convolution, norm, ReLU."""
    padding = dilation * (kernel - 1) // 2
    convolution = nn.Conv2d(
        inputs, ASPP_WIDTH, kernel, padding=padding, dilation=dilation, bias=False
    )
    return [convolution, nn.BatchNorm2d(ASPP_WIDTH), nn.ReLU()]


class Aspp(nn.Module):
    """The features at several distances, and of the whole image: [N, C, h, w] -> [N, ASPP_WIDTH, h, w]."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            [
                nn.Sequential(*branch(channels)),
                *[nn.Sequential(*branch(channels, 3, rate)) for rate in RATES],
                nn.Sequential(nn.AdaptiveAvgPool2d(1), *branch(channels)),
            ]
        )
        self.project = nn.Sequential(*branch(len(self.convs) * ASPP_WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        size = [-1, -1, x.shape[2], x.shape[3]]
        *maps, image = [conv(x) for conv in self.convs]
        return self.project(torch.cat([*maps, image.expand(size)], dim=1))`;

function networkClass({ image, classes, alignment }: PyTorchSegmentationNetwork): string {
  const at = `${image.height}, ${image.width}`;
  const corners = alignment === 'align-corners' ? 'True' : 'False';
  return `\
class Network(nn.Module):
    """Backbone, head, and logits at the size of the image."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.aspp = Aspp(self.backbone.channels)
        self.classifier = nn.Conv2d(ASPP_WIDTH, CLASSES, 1)

    def forward(self, images: Tensor) -> Tensor:
        """images [N, ${image.channels}, ${at}] -> logits [N, ${classes}, ${at}]."""
        low = self.classifier(self.aspp(self.backbone(images)))
        size = images.shape[2:]
        return functional.interpolate(low, size, mode="bilinear", align_corners=${corners})`;
}

const script = `\
def main() -> None:
    network = load(Path(__file__).with_name("weights.safetensors"))
    images = torch.randn(2, *IMAGE_SHAPE)
    with torch.no_grad():
        logits = network(images)
    print(f"images: {list(images.shape)}")
    print(f"logits: {list(logits.shape)}")
    print(f"parameters: {sum(values.numel() for values in network.parameters())}")`;
