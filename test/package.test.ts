import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findDeno } from "../src/cli/packages.ts";
import { findAdapter } from "../src/cli/probe.ts";
import { buildPackage, root } from "./build.ts";
import { withPage } from "./gpu/page.ts";

const run = promisify(execFile);
const inRoot = { cwd: root };

/** A project elsewhere that has the packed tarball in its node_modules, as an installation would put it there. */
let project: string;
let tarball: string;

beforeAll(async () => {
  await buildPackage();
  project = await mkdtemp(join(tmpdir(), "quasi-svm-package-"));
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], inRoot);
  tarball = join(project, JSON.parse(stdout)[0].filename);
  const target = join(project, "node_modules", "quasi-svm");
  await mkdir(target, { recursive: true });
  await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", target]);
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await symlink(join(root, "node_modules/webgpu"), join(project, "node_modules/webgpu"));
});

afterAll(() => rm(project, { recursive: true, force: true }));

test("the package holds dist/, README.md, LICENSE and package.json, and nothing else", async () => {
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], inRoot);
  const paths: string[] = JSON.parse(stdout)[0].files.map((file: { path: string }) => file.path);
  const tops = new Set(paths.map((path) => path.replace(/\/.*/, "/")));
  expect([...tops].sort()).toEqual(["LICENSE", "README.md", "dist/", "package.json"]);
  const unexpected = paths.filter((path) => path.startsWith("dist/") && !/\.d\.ts$|^dist\/(index|cli)\.js$/.test(path));
  expect(unexpected).toEqual([]);
});

test("publint has nothing to say", async () => {
  const { stdout } = await run("npx", ["--no-install", "publint", "--strict"], inRoot);
  expect(stdout).toContain("All good!");
});

test("the types are right for every kind of import that ESM has", async () => {
  await run("npx", ["--no-install", "attw", tarball, "--profile", "esm-only"], inRoot);
});

test("the library needs nothing but itself", async () => {
  const library = await readFile(join(root, "dist/index.js"), "utf8");
  expect(library).not.toMatch(/^\s*import\b.*\bfrom\b|\bimport\(\s*["']|\brequire\(|["']node:/m);
  const cli = await readFile(join(root, "dist/cli.js"), "utf8");
  expect(cli).toMatch(/^#!\/usr\/bin\/env node\n/);
  const imported = [...cli.matchAll(/^import\b.*\bfrom "([^"]+)"/gm)].map((match) => match[1]!);
  expect(imported.filter((name) => !name.startsWith("node:"))).toEqual([]);
});

test("an installed package can be imported in Node, and its command runs", async () => {
  const script = 'import("quasi-svm").then((library) => console.log(typeof library.requestGpu))';
  const { stdout } = await run(process.execPath, ["--eval", script], { cwd: project });
  expect(stdout).toBe("function\n");
  const { stdout: help } = await run(process.execPath, ["node_modules/quasi-svm/dist/cli.js", "--help"], {
    cwd: project,
  });
  expect(help).toContain("Usage: quasi-svm");
});

test("an installed package can be bundled by Vite", async () => {
  await writeFile(join(project, "main.js"), 'import { requestGpu } from "quasi-svm"; console.log(requestGpu);');
  const input = join(project, "main.js");
  const output = await build({
    configFile: false,
    root: project,
    logLevel: "warn",
    build: { write: false, rolldownOptions: { input } },
  });
  expect(JSON.stringify(output)).toContain("requestAdapter");
});

const trainXor = `
  import { layers, Sequential } from "quasi-svm";
  const model = new Sequential([
    layers.input({ shape: [2] }),
    layers.randomFourierFeatures({ outputDim: 64, scale: 1 }),
    layers.dense({ units: 2 }),
  ]);
  model.compile({ optimizer: "adam", loss: "hinge", metrics: ["acc"] });
  const x = [[0, 0], [0, 1], [1, 0], [1, 1]];
  const { history } = await model.fit(x, [0, 1, 1, 0], { epochs: 100, verbose: 0 });
  model.dispose();
`;

test("an installed package trains in Node", async () => {
  await writeFile(join(project, "xor.js"), `${trainXor} console.log(history.acc.at(-1));`);
  const { stdout } = await run(process.execPath, ["xor.js"], { cwd: project, env: await adapterEnvironment() });
  expect(stdout).toBe("1\n");
});

test("a page that Vite builds from the installed package trains in Chrome", async () => {
  const input = join(project, "index.html");
  await writeFile(input, '<!doctype html><title></title><script type="module" src="./page.js"></script>');
  await writeFile(join(project, "page.js"), `${trainXor} document.title = String(history.acc.at(-1));`);
  const outDir = join(root, "test/.build/page");
  await build({
    configFile: false,
    root: project,
    base: "/test/.build/page/",
    logLevel: "error",
    build: { outDir, emptyOutDir: true, target: "es2023", rolldownOptions: { input } },
  });
  await withPage("test/.build/page/index.html", async (page, complaints) => {
    await page.waitForFunction("document.title !== ''", { timeout: 60_000 });
    expect(complaints).toEqual([]);
    expect(await page.title()).toBe("1");
  });
}, 120_000);

test("the README's examples for Node and Deno run as they are written", async () => {
  const readme = await readFile(join(root, "README.md"), "utf8");
  const [, inNode = "", inDeno = ""] = [...readme.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]);
  const env = await adapterEnvironment();
  await writeFile(join(project, "example.mjs"), inNode);
  const { stdout: predictions } = await run(process.execPath, ["example.mjs"], { cwd: project, env });
  expect(predictions).toMatch(/shape: \[ 4, 2 \].*\[ 'same', 'different' \]/s);
  await writeFile(join(project, "example.ts"), inDeno.replace("./quasi-svm", root));
  const { stdout: weights } = await run(findDeno()!, ["run", "-A", "--no-lock", "example.ts"], { cwd: project, env });
  expect(weights).toMatch(/^0 \{ loss: .*Total params: 323.*"dense\.bias"/s);
}, 60_000);

/** The variables by which Node finds an adapter on this machine. */
async function adapterEnvironment(): Promise<NodeJS.ProcessEnv> {
  const file = join(root, "dist/cli.js");
  const { environment } = await findAdapter("node", { node: file, deno: file });
  return { ...process.env, ...environment };
}

test("an installed package gives a TypeScript project its types", async () => {
  // TypeScript knows WebGPU itself from version 6; before, a project adds @webgpu/types.
  await symlink(join(root, "node_modules/@webgpu"), join(project, "node_modules/@webgpu"));
  await writeFile(
    join(project, "main.ts"),
    'import { type Gpu, requestGpu } from "quasi-svm";\n' +
      "const gpu: Gpu = await requestGpu();\n" +
      "// @ts-expect-error: a type that was lost would be any, and this no error\n" +
      "const name: number = gpu.adapter.name;\n" +
      "console.log(name);\n",
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      strict: true,
      noEmit: true,
      types: ["@webgpu/types"],
    };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
    const { stdout } = await run(process.execPath, [tsc, "-p", project]).catch((error) => error);
    expect(stdout, module).toBe("");
  }
});
