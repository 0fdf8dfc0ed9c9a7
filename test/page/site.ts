// The built page on a server that keeps a log of what it was asked for, and that can be taken away.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { root } from "../build.ts";
import { contentTypes } from "../gpu/server.ts";

/** Where the page lies on its server: not at its root, which a page of absolute URLs would show. */
const folder = "/some/where/";

/** A request that reached the server. */
export interface Asked {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly path: string;
}

export interface Site {
  /** The page's own address. */
  readonly url: string;
  /** In the order they came. */
  readonly asked: Asked[];
  /** Ends the server and its connections: who asks from now on is refused. */
  close(): Promise<void>;
}

/** Serves demo/dist on localhost, a secure context. */
export async function serveSite(): Promise<Site> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    asked.push({ time: Date.now(), path: pathname });
    const name = pathname === folder ? "index.html" : pathname.slice(folder.length);
    try {
      if (!pathname.startsWith(folder)) throw new Error("outside the page's folder");
      const body = await readFile(join(root, "demo/dist", normalize(decodeURIComponent(name))));
      response.writeHead(200, {
        "content-type": contentTypes[extname(name)] ?? "application/octet-stream",
        "content-length": body.length,
        "cache-control": "max-age=600", // as hosts of static pages say
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}${folder}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        if (!server.listening) return resolve();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
