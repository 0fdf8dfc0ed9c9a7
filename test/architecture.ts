// The house rules of design: which part may import which, and who may touch what. Pure, so that a test can show
// that each rule can fail.
import { posix } from "node:path";
import ts from "typescript";

/** Source text by path from the repository root, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

const leaves = ["errors", "elementary", "random"];
const train = [...leaves, "data", "gpu", "nn"];

/** What a part may import besides itself. Parts are folders of src/, single files beside them, and demo/. */
const mayImport: Record<string, readonly string[]> = {
  errors: [],
  elementary: ["errors"],
  random: ["errors", "elementary"],
  data: leaves,
  gpu: leaves,
  nn: [...leaves, "data", "gpu"],
  train,
  model: [...train, "train"],
  index: [...train, "train", "model"],
  cli: [...leaves, "data", "gpu", "index"],
  demo: ["index"],
};

/** Every break of the rules, in words; none for a sound house. */
export function findViolations(sources: Sources, manifest: { dependencies?: object } = {}): string[] {
  const violations: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, source] of sources) {
    const part = partOf(path);
    if (!part) {
      violations.push(`${path} belongs to no part of the house`);
      continue;
    }
    const specifiers = ts.preProcessFile(source, true, true).importedFiles.map((file) => file.fileName);
    const targets: string[] = [];
    for (const specifier of specifiers) {
      if (!specifier.startsWith(".")) continue;
      const target = posix.join(posix.dirname(path), specifier);
      if (target.endsWith(".wgsl")) {
        if (part !== "nn") violations.push(`${path} imports ${target}; only src/nn may import shaders`);
        continue;
      }
      targets.push(target);
      const targetPart = partOf(target);
      if (targetPart !== part && !(targetPart && mayImport[part]!.includes(targetPart))) {
        const allowed = mayImport[part]!.join(", ") || "nothing";
        violations.push(`${path} imports ${target}; beside itself ${part} may import ${allowed}`);
      }
    }
    graph.set(path, targets);
    if (part !== "cli" && specifiers.some((specifier) => specifier.startsWith("node:"))) {
      violations.push(`${path} imports from node:; only src/cli may`);
    }
    violations.push(...touches(path, source, specifiers));
  }
  violations.push(...findCircles(graph).map((circle) => `a circle of imports: ${circle.join(" -> ")}`));
  if (Object.keys(manifest.dependencies ?? {}).length > 0) violations.push("package.json has dependencies");
  return violations;
}

/** The part a file belongs to. */
function partOf(path: string): string | undefined {
  const part = /^src\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path)?.[1] ?? /^(demo)\//.exec(path)?.[1];
  return part && Object.hasOwn(mayImport, part) ? part : undefined;
}

/** Things of the runtime that one file alone may touch. */
function touches(path: string, source: string, specifiers: string[]): string[] {
  const found: string[] = [];
  const { outputText: code } = ts.transpileModule(source, {
    compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  });
  if (path !== "src/gpu/device.ts") {
    if (/\bnavigator\s*(\?\.|!?\.)\s*gpu\b/.test(code))
      found.push(`${path} uses navigator.gpu; only src/gpu/device.ts may`);
    // A literal on its own: imports by a variable hide the name from bundlers.
    if (specifiers.includes("webgpu") || /["'`]webgpu["'`]/.test(code)) {
      found.push(`${path} names the package webgpu; only src/gpu/device.ts may`);
    }
  }
  if (path !== "src/gpu/buffers.ts" && /\bmapAsync\b/.test(code)) {
    found.push(`${path} uses mapAsync; only src/gpu/buffers.ts may`);
  }
  return found;
}

/** Circles, one for each import that closes one. */
function findCircles(graph: ReadonlyMap<string, string[]>): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, above: string[]) => {
    const start = above.indexOf(path);
    if (start >= 0) circles.push([...above.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...above, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return circles;
}
