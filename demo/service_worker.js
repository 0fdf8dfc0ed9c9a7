// Keeps the page's files: those of the list when it is installed, the digits when they are first asked for. The build
// puts the list and the version in.
const files = self.__FILES__;
const cacheName = "quasi-svm __VERSION__";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)));
  self.skipWaiting();
});

self.addEventListener("activate", (event) => {
  const dropOthers = async () => {
    const names = await caches.keys();
    const others = names.filter((name) => name.startsWith("quasi-svm ") && name !== cacheName);
    await Promise.all(others.map((name) => caches.delete(name)));
  };
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(request));
});

async function answer(request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
