"""Checks models as ONNX's own tools do: python onnx-check.py MODEL...

For each model a line: the problem, or `sound`. Exit code 86 says that there is no `onnx` here.
"""
import sys

try:
    import onnx
except Exception as error:
    print(f"{sys.executable}: {error}", file=sys.stderr)
    sys.exit(86)


def graphs_in(graph):
    """The graph, and those that its nodes hold."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs_in(attribute.g)


def problem(path):
    onnx.checker.check_model(path, full_check=True)
    model = onnx.load(path)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    graphs = list(graphs_in(model.graph))
    nodes = [node for graph in graphs for node in graph.node]
    described = {value.name for graph in graphs for value in [*graph.value_info, *graph.output]}
    made = {name for node in nodes for name in node.output}
    if made - described:
        return f"without a shape: {sorted(made - described)[:3]}"
    read = {name for node in nodes for name in node.input}
    if {tensor.name for tensor in model.graph.initializer} - read:
        return "an initializer that nobody reads"
    if len({node.name for node in nodes}) < len(nodes):
        return "two nodes of one name"
    if any(domain.domain not in ("", "ai.onnx") for domain in model.opset_import):
        return "another domain than ONNX's own"
    return "sound"


for path in sys.argv[1:]:
    try:
        print(problem(path))
    except Exception as error:
        print(str(error).splitlines()[0])
