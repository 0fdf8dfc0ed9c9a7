import type { Network } from "../nn/network.ts";
import { sizeOf } from "../nn/shape.ts";

const widths = [50, 22, 14];

/** Keras' table of layers, output shapes and parameter counts. */
export function summarize(name: string, network: Network): string {
  const rows = network.layers.map((named) => ({ ...named, counts: countParameters(named) }));
  const total = rows.reduce((sum, { counts }) => sum + counts.total, 0);
  const trained = rows.reduce((sum, { counts }) => sum + counts.trained, 0);
  const line = "_".repeat(widths.reduce((a, b) => a + b, 0));
  const double = "=".repeat(line.length);
  return [
    `Model: "${name}"`,
    line,
    row("Layer (type)", "Output shape", "Param #"),
    double,
    ...rows.map(({ name: layerName, layer, outputShape, counts }) =>
      row(
        `${layerName} (${layer.className})`,
        `[${["null", ...outputShape].join(", ")}]`,
        counts.total.toLocaleString("en-US"),
      ),
    ),
    double,
    `Total params: ${total.toLocaleString("en-US")}`,
    `Trainable params: ${trained.toLocaleString("en-US")}`,
    `Non-trainable params: ${(total - trained).toLocaleString("en-US")}`,
    line,
  ].join("\n");
}

function countParameters({ layer, inputShape }: Network["layers"][number]): { total: number; trained: number } {
  const counts = { total: 0, trained: 0 };
  for (const { shape, trainable } of layer.weights(inputShape)) {
    const size = sizeOf(shape);
    counts.total += size;
    if (trainable) counts.trained += size;
  }
  return counts;
}

function row(...cells: string[]): string {
  return cells
    .map((cell, i) => cell.padEnd(widths[i] as number))
    .join("")
    .trimEnd();
}
