// `genonnx/table`: spaces whose every network is trained, as `genonnx tabulate` makes them; and what such a table says of a genotype.
export {
  readTable,
  type Tabulated,
  type TabulateOptions,
  tabulate,
} from '../library/tabulate.js';
export { type Benchmark, benchmarkOf, type Listed } from '../table/benchmark.js';
export { parseTable, type Split, type Table, type TableNetwork } from '../table/table-file.js';
