// Runs dispatches as a stage describes them, without a model.
import { Buffers, readBack } from "../../src/gpu/buffers.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { type DispatchSpec, freeze, record } from "../../src/gpu/dispatch.ts";
import { type ProductVariant, tileNames } from "../../src/nn/kernels/product.ts";
import type { StageBuild } from "../../src/nn/layer.ts";
import { defaultTuning } from "../../src/nn/tuning.ts";
import { up4 } from "../twins/matrix.ts";

/** Every kernel of the product families. */
export const variants: ProductVariant[] = tileNames.flatMap((tile) => [
  { tile, place: "buffer" },
  { tile, place: "texture" },
]);

/** What `make` is given beside the build. */
export type Upload = (values: ArrayLike<number>) => GPUBuffer;

export interface SpecRun {
  /** Rows of the batch, before they are rounded up to a multiple of 4. */
  readonly rows: number;
  readonly product?: ProductVariant;
  readonly parameters?: ArrayLike<number>;
  readonly gradients?: ArrayLike<number>;
  /** What the stages take for the largest binding, in bytes. */
  readonly largestBinding?: number;
}

/** Runs what `make` describes, and reads the buffer it names. */
export async function runSpecs(
  gpu: Gpu,
  { rows, product, parameters = [0, 0, 0, 0], gradients = [0, 0, 0, 0], largestBinding }: SpecRun,
  make: (build: StageBuild, upload: Upload) => { specs: readonly DispatchSpec[]; output: GPUBuffer },
): Promise<Float32Array> {
  const buffers = new Buffers(gpu, "specs test");
  try {
    const upload = (values: ArrayLike<number>) => buffers.upload("values", Float32Array.from(values));
    const usual = defaultTuning(gpu);
    const build = {
      gpu: largestBinding ? { ...gpu, limits: { maxStorageBufferBindingSize: largestBinding } } : gpu,
      ...{ buffers, rows: up4(rows), parameters: upload(parameters), gradients: upload(gradients) },
      tuning: { ...usual, product: product ?? usual.product },
    } as unknown as StageBuild;
    const { specs, output } = make(build, upload);
    const dispatches = await freeze(gpu, buffers, specs);
    const encoder = gpu.device.createCommandEncoder({ label: "specs test" });
    const pass = encoder.beginComputePass({ label: "specs test" });
    record(pass, dispatches);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
    return new Float32Array(await readBack(gpu, output));
  } finally {
    buffers.destroy();
  }
}
