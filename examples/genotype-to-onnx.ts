// A genotype to a file: the text that a paper prints becomes an ONNX model with fresh weights, which is then held against the
// float64 interpreter. Writes the file that it is given, or model.onnx.
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { compile, compileModel, parseGenotype, validatePair } from 'genonnx';

const genotype = parseGenotype(`
Genotype(
    normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), ('dil_conv_3x3', 2)],
    normal_concat=[2, 3],
    reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1)],
    reduce_concat=[2, 3])
`);

const { bound, metadata, parameters, macs } = compile({ genotype, cells: 5, initChannels: 16, classes: 10 });
console.log(`${parameters} parameters, ${macs} multiply-adds for an image`);

const out = process.argv[2] ?? 'model.onnx';
await writeFile(out, compileModel(bound, { metadata }).bytes);

const { ok, summary } = await validatePair({ a: { kind: 'node', path: out }, batches: [1] });
console.log(summary);
if (!ok) process.exitCode = 1;
