// Matrix products: [..., M, K] x [..., K, N] -> [..., M, N], the axes before them broadcast.
// Source: https://onnx.ai/onnx/operators/ (Gemm, MatMul), and ONNX Runtime's docs/ContribOperators.md.
import { broadcast } from '../../shapes.js';
import { type Known, NotKnown } from './known.js';
import { type Operation, type ShapeRule, type ShapeRules, sizeOf } from './rule.js';

/** The two factors' places among the inputs, and whether attributes may transpose them. */
interface Product {
  readonly a: number;
  readonly b: number;
  readonly transposes?: boolean;
}

const products: Readonly<Record<string, Product>> = {
  MatMul: { a: 0, b: 1 },
  MatMulInteger: { a: 0, b: 1 },
  QLinearMatMul: { a: 0, b: 3 },
  Gemm: { a: 0, b: 1, transposes: true },
  'com.microsoft.FusedGemm': { a: 0, b: 1, transposes: true },
  'com.microsoft.FusedMatMul': { a: 0, b: 1, transposes: true },
  'com.microsoft.QGemm': { a: 0, b: 3, transposes: true },
  'com.microsoft.DynamicQuantizeMatMul': { a: 0, b: 1 },
  'com.microsoft.MatMulIntegerToFloat': { a: 0, b: 1 },
};

/** Both factors as matrices, [..., M, K] and [..., K, N]; a vector is a row, or a column. */
function factors(op: Operation, { a, b, transposes = false }: Product) {
  const flip = (shape: readonly number[], name: string): number[] =>
    transposes && op.int(name, 0) === 1 ? [...shape.slice(0, -2), ...shape.slice(-2).reverse()] : [...shape];
  const [left, right] = [flip(op.shape(a), 'transA'), flip(op.shape(b), 'transB')];
  const [isRow, isColumn] = [left.length === 1, right.length === 1];
  const rows = isRow ? [1, ...left] : left;
  const columns = isColumn ? [...right, 1] : right;
  if (rows.at(-1) !== columns.at(-2)) throw new NotKnown(`it multiplies [${left}] with [${right}]`);
  return { rows, columns, isRow, isColumn };
}

function productRule(product: Product): ShapeRule {
  return (op) => {
    const { rows, columns, isRow, isColumn } = factors(op, product);
    const outer = broadcast(rows.slice(0, -2), columns.slice(0, -2), 'a product').map(Number);
    const [m = [], n = []] = [isRow ? [] : rows.slice(-2, -1), isColumn ? [] : columns.slice(-1)];
    return [{ shape: [...outer, ...m, ...n] }];
  };
}

export const matrixRules: ShapeRules = Object.fromEntries(
  Object.entries(products).map(([operator, product]) => [operator, productRule(product)]),
);

/** Each output is a sum of K products. */
export const matrixCosts: Readonly<Record<string, (op: Operation, outputs: readonly Known[]) => number>> =
  Object.fromEntries(
    Object.entries(products).map(([operator, product]) => [
      operator,
      (op: Operation, [output]: readonly Known[]): number =>
        sizeOf(output?.shape ?? []) * (factors(op, product).rows.at(-1) ?? 1),
    ]),
  );
