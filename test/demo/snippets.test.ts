// The code that the page offers to take away: it compiles, it trains, and it is the published example's.
import { execFile, spawnSync } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { expect, test } from "vitest";
import { defaults, type Settings } from "../../demo/settings.ts";
import { kerasCode, typescriptCode } from "../../demo/views/take_away/snippets.ts";
import { findDeno } from "../../src/cli/packages.ts";
import { findAdapter } from "../../src/cli/probe.ts";
import { root } from "../build.ts";
import { scratchFolder } from "../cli/scratch.ts";

const folder = scratchFolder();
const others: Settings = {
  ...defaults,
  ...{ outputDim: 256, scale: 12.5, featureMap: "orthogonal", loss: "categorical_crossentropy" },
  ...{ learningRate: 0.02, batchSize: 64, epochs: 2, seed: 7, cache: "off", rows: 2000 },
};

test("the TypeScript compiles, whatever is set", async () => {
  const variants: Settings[] = [
    defaults,
    others,
    { ...defaults, kernel: "laplacian", loss: "squared_hinge" },
    { ...defaults, featureMap: "sorf", loss: "mean_squared_error", learningRate: 1, scale: 1000 },
  ];
  const files = await Promise.all(
    variants.map(async (settings, i) => {
      const file = join(folder.path, `snippet${i}.mts`);
      await writeFile(file, typescriptCode(settings));
      return file;
    }),
  );
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(files, {
    ...options,
    typeRoots: [join(root, "node_modules/@types"), join(root, "node_modules")],
    paths: { "quasi-svm": [join(root, "src/index.ts")] },
  });
  const found = files.flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)));
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
}, 60_000);

test.each([
  ["the published example, on fewer digits", { ...defaults, rows: 6000, epochs: 2 }],
  ["other settings", others],
])(
  "the TypeScript trains: %s",
  async (_, settings) => {
    await symlink(join(root, "node_modules"), join(folder.path, "node_modules"));
    await writeFile(
      join(folder.path, "deno.json"),
      JSON.stringify({ imports: { "quasi-svm": join(root, "src/index.ts") } }),
    );
    await writeFile(join(folder.path, "mine.ts"), typescriptCode(settings));
    const program = join(root, "src/cli.ts");
    const { environment } = await findAdapter("deno", { node: program, deno: program });
    const { stdout } = await promisify(execFile)(findDeno() ?? "deno", ["run", "-A", "--no-lock", "mine.ts"], {
      cwd: folder.path,
      env: { ...process.env, ...environment },
    });
    expect(stdout).toContain("Epoch 2/2");
    expect(Number(/val_acc: (\S+)\s*$/.exec(stdout)?.[1])).toBeGreaterThan(0.8);
  },
  60_000,
);

// From https://keras.io/examples/keras_recipes/quasi_svm/
const published = [
  "from tensorflow.keras.layers.experimental import RandomFourierFeatures",
  "keras.Input(shape=(784,))",
  'output_dim=4096, scale=10.0, kernel_initializer="gaussian"',
  "layers.Dense(units=10)",
  "optimizer=keras.optimizers.Adam(learning_rate=1e-3)",
  "loss=keras.losses.hinge",
  'metrics=[keras.metrics.CategoricalAccuracy(name="acc")]',
  '.reshape(-1, 784).astype("float32") / 255',
  "model.fit(x_train, y_train, epochs=20, batch_size=128, validation_split=0.2)",
];

test("the Keras code of the defaults has the published example's calls and values", () => {
  for (const part of published) expect(kerasCode(defaults)).toContain(part);
});

test("the Keras code says what is set, and what Keras does not have", () => {
  const code = kerasCode(others);
  expect(code).toContain('output_dim=256, scale=12.5, kernel_initializer="gaussian"');
  expect(code).toContain("# Keras has no orthogonal feature map");
  expect(code).toContain("loss=keras.losses.CategoricalCrossentropy(from_logits=True)");
  expect(code).toContain("learning_rate=0.02");
  expect(code).toContain("set_random_seed(7)");
  expect(code).toContain("x_train[:2000].reshape");
  expect(code).toContain("epochs=2, batch_size=64");
  expect(kerasCode({ ...defaults, learningRate: 1, scale: 0.5 })).toMatch(/scale=0\.5,.*learning_rate=1\.0\)/s);
  expect(kerasCode({ ...defaults, kernel: "laplacian" })).toContain('kernel_initializer="laplacian"');
  expect(kerasCode({ ...defaults, loss: "mean_squared_error" })).toContain("loss=keras.losses.mean_squared_error");
});

test("the Keras code is Python", ({ skip }) => {
  const python = spawnSync("python3", ["--version"]);
  if (python.error) skip("there is no python3 on this machine");
  for (const code of [kerasCode(defaults), kerasCode(others)]) {
    const { status, stderr } = spawnSync("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"], {
      input: code,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  }
});
