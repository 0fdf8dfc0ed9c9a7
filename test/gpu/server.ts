// A static server on localhost (a secure context, which WebGPU asks for) for the repository's files.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { root } from "../build.ts";

/** Of a file, by its ending. */
export const contentTypes: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export interface Server {
  readonly url: string;
  close(): void;
}

/** Headers that make a page cross-origin isolated, without which it has no SharedArrayBuffer. */
export const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Serves the repository, and `pages` (HTML by path) above it, with `headers` on every answer. */
export async function serveFiles(
  pages: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const page = pages[pathname];
    try {
      const body = page ?? (await readFile(join(root, normalize(decodeURIComponent(pathname)))));
      const type = page === undefined ? contentTypes[extname(pathname)] : "text/html";
      response.writeHead(200, { ...headers, "content-type": type ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
