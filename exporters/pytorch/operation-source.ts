// The Python of the primitives: how each is built, and the definitions that it takes. Only those that a genotype names
// are written out. The table is typed by the primitives' names, so that none can be forgotten.

const depthwise = `\
def depthwise(channels: int, kernel: int, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    """A convolution of each channel by itself, padded so that stride 1 keeps the extent."""
    padding = dilation * (kernel - 1) // 2
    return nn.Conv2d(
        channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False
    )`;

const separable = `\
class SeparableConv(nn.Module):
    """(ReLU, depthwise, pointwise, norm) twice: [N, C, H, W] -> [N, C, H/stride, W/stride]."""

    def __init__(self, channels: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.op = nn.Sequential(
            nn.ReLU(),
            depthwise(channels, kernel, stride),
            pointwise(channels, channels),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            depthwise(channels, kernel),
            pointwise(channels, channels),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)`;

const dilated = `\
class DilatedConv(nn.Module):
    """ReLU, dilated depthwise, pointwise, norm: [N, C, H, W] -> [N, C, H/stride, W/stride]."""

    def __init__(self, channels: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.op = nn.Sequential(
            nn.ReLU(),
            depthwise(channels, kernel, stride, dilation=2),
            pointwise(channels, channels),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)`;

const crossed7 = `\
def conv_1x7_7x1(channels: int, stride: int) -> nn.Sequential:
    """ReLU, 1x7, 7x1 convolution, norm: [N, C, H, W] -> [N, C, H/stride, W/stride]."""
    return nn.Sequential(
        nn.ReLU(),
        nn.Conv2d(channels, channels, (1, 7), (1, stride), padding=(0, 3), bias=False),
        nn.Conv2d(channels, channels, (7, 1), (stride, 1), padding=(3, 0), bias=False),
        nn.BatchNorm2d(channels),
    )`;

interface PrimitiveSource {
  /** An expression of `channels` and `stride`. */
  readonly build: string;
  /** What the expression takes, beside what every network has. */
  readonly definitions: readonly string[];
}

const separableOf = (kernel: number): PrimitiveSource => ({
  build: `SeparableConv(channels, ${kernel}, stride)`,
  definitions: [depthwise, separable],
});
const dilatedOf = (kernel: number): PrimitiveSource => ({
  build: `DilatedConv(channels, ${kernel}, stride)`,
  definitions: [depthwise, dilated],
});

/** The primitives that the target knows: all that compute something. */
const primitiveNames = [
  'max_pool_3x3',
  'avg_pool_3x3',
  'skip_connect',
  'sep_conv_3x3',
  'sep_conv_5x5',
  'sep_conv_7x7',
  'dil_conv_3x3',
  'dil_conv_5x5',
  'conv_7x1_1x7',
] as const;
export type PyTorchPrimitive = (typeof primitiveNames)[number];

const primitives: { readonly [P in PyTorchPrimitive]: PrimitiveSource } = {
  max_pool_3x3: { build: 'nn.MaxPool2d(3, stride, padding=1)', definitions: [] },
  avg_pool_3x3: { build: 'nn.AvgPool2d(3, stride, padding=1, count_include_pad=False)', definitions: [] },
  skip_connect: {
    build: 'nn.Identity() if stride == 1 else FactorizedReduce(channels, channels)',
    definitions: [],
  },
  sep_conv_3x3: separableOf(3),
  sep_conv_5x5: separableOf(5),
  sep_conv_7x7: separableOf(7),
  dil_conv_3x3: dilatedOf(3),
  dil_conv_5x5: dilatedOf(5),
  conv_7x1_1x7: { build: 'conv_1x7_7x1(channels, stride)', definitions: [crossed7] },
};

/** The definitions of what `used` names, and `build_operation`, which makes a module of a name. */
export function operationSource(used: ReadonlySet<PyTorchPrimitive>): string[] {
  const names = primitiveNames.filter((name) => used.has(name));
  const definitions = new Set(names.flatMap((name) => primitives[name].definitions));
  const build = `\
def build_operation(primitive: str, channels: int, stride: int) -> nn.Module:
    """A primitive of the genotype: [N, C, H, W] -> [N, C, H/stride, W/stride], with C channels."""
${names.map((name) => `    if primitive == "${name}":\n        return ${primitives[name].build}`).join('\n')}
    raise ValueError(f"unknown primitive: {primitive!r}")`;
  return [...definitions, build];
}
