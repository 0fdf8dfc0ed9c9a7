// shaders/average.wgsl against Keras' moving average of the weights.
import { linear } from "../../src/gpu/dispatch.ts";
import { averageWeights } from "../../src/nn/kernels/average.ts";
import { optimizers, stepTable } from "../../src/nn/optimizers.ts";
import { assertWithin, epsilon } from "../twins/bounds.ts";
import { numbers, vector } from "../twins/matrix.ts";
import { test } from "./harness.ts";
import { runKernels, state, untouched } from "./run_kernel.ts";

test("average: 9 steps over ragged ranges, overwriting or not; what does not train is untouched", async ({ gpu }) => {
  const optimizer = optimizers.sgd({ useEma: true, emaMomentum: 0.9 });
  const steps = 9;
  for (const count of [1, 3, 4, 63, 64, 65, 131, 1031]) {
    for (const overwriteEvery of [0, 1, 4]) {
      const draw = numbers(count);
      let parameters = new Float32Array(0);
      let average = new Float32Array((count + 1) * 4);
      let expected = vector(count * 4, () => 0);
      for (let i = 0; i < steps; i++) {
        const weights = vector(count * 4, draw);
        const values = {
          // The second epoch begins at step 5. The optimizer has moved the state on.
          state: state({ step: (i % 5) + 1, next: (i % 5) + 1 }),
          stepTable: new Uint32Array(stepTable(optimizer, i - (i % 5), 5)),
          parameters: Float32Array.from([...weights, ...vector(4, () => untouched)]),
          average,
        };
        const params = { count, overwriteEvery };
        const workgroups = count > 128 ? ([2, Math.ceil(count / 128), 1] as const) : linear(count, 64);
        const after = await runKernels(gpu, values, [{ kernel: averageWeights, uniforms: { params }, workgroups }]);
        ({ parameters, average } = after);
        const momentum = i === 0 ? 0 : 0.9;
        expected = expected.map((mean, k) => momentum * mean + (1 - momentum) * weights[k]!);
        const label = `${count}, every ${overwriteEvery}, step ${i}`;
        // Four roundings of numbers below 1 in each step, of which a tenth is forgotten in the next.
        assertWithin(average, [...expected, 0, 0, 0, 0], 4 * epsilon * Math.min(i, 10), label);
        const overwritten = overwriteEvery > 0 && (i + 1) % overwriteEvery === 0;
        const now = overwritten ? average.slice(0, -4) : weights;
        assertWithin(parameters, [...now, ...vector(4, () => untouched)], 0, `${label}: parameters`);
      }
    }
  }
});
