// onnx-proto is a CommonJS module: its classes come with the default import, its types by name.
import onnxProto from 'onnx-proto';

export const proto = onnxProto.onnx;
