// MNIST's four files, fetched once, in the worker.
import { gunzip, type Matrix, parseIdxImages, parseIdxLabels } from "../../src/index.ts";

/** Images [n, 784] as bytes, and the digit each one is. */
export interface LabelledDigits {
  readonly x: Matrix;
  readonly y: Uint8Array;
}

const files = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] as const;

export class Digits {
  /** 60,000. */
  train!: LabelledDigits;
  /** 10,000, which no training sees. */
  test!: LabelledDigits;

  /**
   * @param base the folder the files lie in.
   * @param onProgress bytes so far, of all.
   * @throws Error that names the file that could not be had.
   */
  async load(base: string, onProgress: (loaded: number, total: number) => void): Promise<void> {
    const responses = await Promise.all(files.map((name) => request(new URL(`${name}.gz`, base))));
    const total = responses.reduce((sum, { headers }) => sum + Number(headers.get("content-length") ?? 0), 0);
    let loaded = 0;
    const read = async (response: Response) => {
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for await (const part of chunks(response)) {
        parts.push(part);
        loaded += part.length;
        onProgress(loaded, total);
      }
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      // Some servers say that the file is packed, and the browser unpacks it.
      return bytes[0] === 0x1f ? gunzip(bytes, response.url) : bytes;
    };
    const [trainX, trainY, testX, testY] = (await Promise.all(responses.map(read))) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    this.train = { x: parseIdxImages(trainX, "train images"), y: parseIdxLabels(trainY, "train labels") };
    this.test = { x: parseIdxImages(testX, "test images"), y: parseIdxLabels(testY, "test labels") };
  }
}

async function request(url: URL): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The digits could not be loaded: ${url} answered ${response.status}.`);
  return response;
}

async function* chunks({ body }: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
