// Keeps the page's own files, so that it opens without a network; the digits are kept by the worker that reads them.
// The build puts in the files and a version drawn from them.
const files = self.__FILES__;
const page = "index.html";
// Storage belongs to a whole origin: the scope tells this copy of the page from others beside it.
const ours = `quasi-svm ${self.registration.scope} `;
const cacheName = `${ours}__VERSION__`;

self.addEventListener("install", (event) => event.waitUntil(keepAll()));

// A new version comes to this only when no tab shows the old one, whose files it would miss.
self.addEventListener("activate", (event) => {
  const dropOthers = async () => {
    const names = await caches.keys();
    const others = names.filter((name) => name.startsWith(ours) && name !== cacheName);
    await Promise.all(others.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(dropOthers());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url);
  path.search = path.hash = "";
  const name = path.href.slice(self.registration.scope.length);
  if (request.method !== "GET" || !path.href.startsWith(self.registration.scope)) return;
  if (name === "" || files.includes(name)) event.respondWith(answer(name || page, request));
});

async function keepAll() {
  const cache = await caches.open(cacheName);
  await Promise.all(files.map(async (name) => cache.put(name, await fresh(name))));
}

async function fresh(name) {
  // What has a hash in its name is never out of date.
  const response = await fetch(name, { cache: name === page ? "no-cache" : "default" });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  if (!response.redirected) return response;
  // A browser refuses to open a page with a redirected answer, as servers give that hide "index.html".
  return new Response(response.body, { headers: response.headers });
}

async function answer(name, request) {
  const cache = await caches.open(cacheName);
  return (await cache.match(name, { ignoreVary: true })) ?? fetch(request);
}
