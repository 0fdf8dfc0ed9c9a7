// MNIST's four files, fetched once, in the worker, and kept in the browser.
import { gunzip, type Matrix, parseIdxImages, parseIdxLabels } from "../../src/index.ts";

/** Images [n, 784] as bytes, and the digit each one is. */
export interface LabelledDigits {
  readonly x: Matrix;
  readonly y: Uint8Array;
}

const files = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] as const;
const cacheName = "quasi-svm digits";

export class Digits {
  /** 60,000. */
  train!: LabelledDigits;
  /** 10,000, which no training sees. */
  test!: LabelledDigits;

  /**
   * @param base the folder the files lie in.
   * @param onProgress bytes so far, of all; not more than ten times a second.
   * @returns whether this browser keeps them for the next time.
   * @throws Error that names the file that could not be had.
   */
  async load(base: string, onProgress: (loaded: number, total: number) => void): Promise<boolean> {
    const urls = files.map((name) => new URL(`${name}.gz`, base).href);
    const cache = await self.caches?.open(cacheName).catch(() => undefined); // refused in some private windows
    const kept = await Promise.all(urls.map((url) => cache?.match(url, { ignoreVary: true })));
    if (kept.every((response) => response !== undefined) && (await this.#takeKept(kept))) return true;
    const fetched = await fetchAll(urls, onProgress);
    await this.#take(fetched);
    // Only what could be read is kept: an answer may be some network's log-in page.
    const puts = fetched.map((bytes, i) => cache?.put(urls[i] as string, new Response(bytes)));
    return cache !== undefined && (await Promise.all(puts).then(yes, no)); // no: there is no room
  }

  async #takeKept(responses: readonly Response[]): Promise<boolean> {
    const bytes = await Promise.all(responses.map(async (response) => new Uint8Array(await response.arrayBuffer())));
    return this.#take(bytes).then(yes, no);
  }

  async #take(packed: readonly Uint8Array[]): Promise<void> {
    // Some servers say that a file is packed, and the browser unpacks it.
    const unpacked = packed.map((bytes, i) => (bytes[0] === 0x1f ? gunzip(bytes, files[i] as string) : bytes));
    const [trainX, trainY, testX, testY] = (await Promise.all(unpacked)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    this.train = { x: parseIdxImages(trainX, "train images"), y: parseIdxLabels(trainY, "train labels") };
    this.test = { x: parseIdxImages(testX, "test images"), y: parseIdxLabels(testY, "test labels") };
  }
}

const yes = () => true;
const no = () => false;

async function fetchAll(
  urls: readonly string[],
  onProgress: (loaded: number, total: number) => void,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const responses = await Promise.all(urls.map(request));
  const total = responses.reduce((sum, { headers }) => sum + Number(headers.get("content-length") ?? 0), 0);
  let loaded = 0;
  let told = 0;
  const read = async (response: Response) => {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for await (const part of chunks(response)) {
      parts.push(part);
      loaded += part.length;
      const now = performance.now();
      if (now - told < 100) continue;
      told = now;
      onProgress(loaded, total);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  };
  return Promise.all(responses.map(read));
}

async function request(url: string): Promise<Response> {
  const response = await fetch(url).catch((cause) => fail(url, "gave no answer", cause));
  return response.ok ? response : fail(url, `answered ${response.status}`);
}

async function* chunks({ url, body }: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  const read = () => reader.read().catch((cause) => fail(url, "broke off", cause));
  for (let next = await read(); !next.done; next = await read()) yield next.value;
}

function fail(url: string, what: string, cause?: unknown): never {
  throw new Error(`The digits could not be loaded: ${url.split("/").pop()} ${what}.`, { cause });
}
